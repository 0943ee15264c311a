using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>Where measurements are kept. Every store behaves the same; one set of tests holds them to it.</summary>
public interface IMeasurementStore
{
    /// <summary>
    /// Stores the rows of the batch that are not rejected, and returns once they are durable. Rows that the store can not take
    /// (<c>field_type_conflict</c>, <c>refused_by_store</c>) are rejected on the batch, the others are stored.
    /// Fails with <c>bucket_not_found</c>, <c>overloaded</c> or <c>storage_unavailable</c>; then nothing of the batch was stored.
    /// The batch stays the caller's and must live until the returned task ends.
    /// </summary>
    ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken);

    /// <summary>One page of measurements, ordered by <see cref="MeasurementPosition"/>.</summary>
    ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken);

    /// <summary>The newest value of every field of the selected keys, ordered by key, in time that does not grow with what is stored.</summary>
    ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// What is made of the values in windows of time, ordered by key and field: series without a value in the range are left out, and so are windows.
    /// Fails with <c>aggregate_needs_numbers</c> or <c>result_too_large</c> as well.
    /// </summary>
    ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken);

    /// <summary>All measurements of a selection in the order of pages, read while they are taken, in memory that does not grow with their number.</summary>
    ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes what the selection holds and returns how many measurements (keys at a time) lost at least one value; dry: only counts.</summary>
    ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken);
}

/// <summary>Whether a write is in its final place, or safe in the spool until the database is back.</summary>
public enum WriteOutcome
{
    Stored,
    Queued,
}

/// <summary>Which keys and fields of a bucket are meant. Empty lists mean all; <paramref name="Visible"/> is what the caller may see.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Devices">Exact names of devices.</param>
/// <param name="Names">Exact names of measurements.</param>
/// <param name="Fields">Exact names of fields; measurements without any of them are left out.</param>
/// <param name="Tags">Tags that a key must have, with their values.</param>
/// <param name="Visible">The devices that the caller's key allows.</param>
public sealed record MeasurementFilter(
    BucketName Bucket,
    IReadOnlyList<string> Devices,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Fields,
    IReadOnlyList<KeyValuePair<string, string>> Tags,
    DeviceSet Visible);

/// <summary>A filter within a range of time.</summary>
public sealed record MeasurementSelection(MeasurementFilter Filter, TimeRange Range)
{
    /// <summary>True when it takes all that its devices have ever sent, and names them.</summary>
    public bool IsAllOfItsDevices =>
        Filter is { Devices.Count: > 0, Names.Count: 0, Fields.Count: 0, Tags.Count: 0 } && Range == Deletion.AllTime;
}

/// <summary>Order by time, ties by key.</summary>
public enum SortOrder
{
    Descending,
    Ascending,
}

/// <param name="Selection">What is asked for.</param>
/// <param name="Order">Descending: newest first.</param>
/// <param name="Limit">The most measurements of a page, 1–10,000.</param>
/// <param name="After">The last measurement of the page before; null for the first page.</param>
public sealed record MeasurementQuery(MeasurementSelection Selection, SortOrder Order, int Limit, MeasurementPosition? After);

/// <param name="Items">Measurements in the query's order.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record MeasurementPage(IReadOnlyList<Measurement> Items, bool HasMore);

/// <param name="Filter">What is asked for.</param>
/// <param name="Oldest">Values before this time are left out.</param>
/// <param name="Limit">The most keys of a page.</param>
/// <param name="After">The last key of the page before; null for the first page.</param>
public sealed record LatestQuery(MeasurementFilter Filter, Timestamp Oldest, int Limit, MeasurementKey? After);

/// <param name="Items">Keys in order, each with the newest value of every field.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record LatestPage(IReadOnlyList<LatestValues> Items, bool HasMore);
