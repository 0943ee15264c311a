using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>The spool as an administrator sees it: measurements that wait on local disk for the database, and those that it refused.</summary>
public interface ISpool
{
    SpoolStatus Status { get; }

    /// <summary>What the database refused for good, by id; of these buckets only, unless there are none. <c>storage_unavailable</c>.</summary>
    ValueTask<Result<RefusedPage>> ListRefusedAsync(
        IReadOnlyCollection<BucketName> buckets, int limit, long? after, CancellationToken cancellationToken);

    /// <summary>
    /// Puts one refused entry, or all of them, at the end of the queue again, durably; returns how many measurements. Of these buckets only,
    /// unless there are none. <c>not_found</c> for one that is not there, <c>storage_unavailable</c>.
    /// </summary>
    ValueTask<Result<long>> ReplayAsync(IReadOnlyCollection<BucketName> buckets, long? id, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets one refused entry for ever; returns how many measurements. Of these buckets only, unless there are none.
    /// <c>not_found</c>, <c>storage_unavailable</c>.
    /// </summary>
    ValueTask<Result<long>> DiscardAsync(IReadOnlyCollection<BucketName> buckets, long id, CancellationToken cancellationToken);
}

/// <param name="Entries">Writes that wait.</param>
/// <param name="Measurements">Measurements in them.</param>
/// <param name="Bytes">Bytes of both those that wait and those that were refused.</param>
/// <param name="CapacityBytes">The most bytes; beyond, writes are refused with <c>storage_unavailable</c>.</param>
/// <param name="OldestAt">When the oldest that waits came; null when none waits.</param>
/// <param name="RefusedEntries">Entries set aside.</param>
/// <param name="RefusedMeasurements">Measurements in them.</param>
public sealed record SpoolStatus(
    long Entries, long Measurements, long Bytes, long CapacityBytes, DateTimeOffset? OldestAt, long RefusedEntries, long RefusedMeasurements);

/// <param name="Id">Grows with each entry.</param>
/// <param name="Bucket">Where the measurements were to go.</param>
/// <param name="RefusedAt">When the database refused them.</param>
/// <param name="Code">A code of item errors, such as <c>field_type_conflict</c>.</param>
/// <param name="Reason">What the database said.</param>
/// <param name="Measurements">How many.</param>
/// <param name="Sample">The first of them as it was sent, cut at 1,000 characters.</param>
public sealed record RefusedMeasurements(
    long Id, BucketName Bucket, DateTimeOffset RefusedAt, string Code, string Reason, int Measurements, string Sample);

/// <param name="Items">Entries by id, ascending.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record RefusedPage(IReadOnlyList<RefusedMeasurements> Items, bool HasMore);
