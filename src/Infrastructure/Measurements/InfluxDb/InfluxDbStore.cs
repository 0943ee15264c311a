using IotBackend.Application.ApiKeys;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Devices;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Measurements in InfluxDB; docs/influxdb.md tells how they lie there, and what differs from the embedded store.</summary>
internal sealed partial class InfluxDbStore(
    IBucketStore buckets,
    BucketChannels channels,
    MeasurementReader reader,
    LatestReader latest,
    AggregateReader aggregates,
    StreamReader streams,
    PointDeleter deleter,
    TimeProvider time,
    ILogger<InfluxDbStore> logger,
    DeviceDirectory? devices = null,
    KnownSeries? known = null)
    : IMeasurementStore
{
    public async ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        var found = await buckets.FindAsync(bucket, cancellationToken);
        if (found.Error is { } error)
            return error;
        var taken = known is null ? null : await known.RejectBeyondAsync(bucket, batch, cancellationToken);
        var isStored = false;
        try
        {
            var written = batch.AcceptedCount == 0 ? WriteOutcome.Stored : await channels.Of(bucket).WriteAsync(batch, cancellationToken);
            isStored = written.IsSuccess;
            if (isStored && batch.AcceptedCount > 0)
                devices?.Count(bucket, batch);
            return written;
        }
        finally
        {
            taken?.Settle(batch, isStored);
        }
    }

    public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) =>
        InAsync<MeasurementPage>(
            query.Selection.Filter.Bucket,
            async bucket => await reader.ReadAsync(query with { Selection = Kept(query.Selection, bucket) }, cancellationToken),
            cancellationToken);

    public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) =>
        InAsync<LatestPage>(
            query.Filter.Bucket,
            async bucket => await latest.ReadAsync(query with { Oldest = Later(query.Oldest, OldestOf(bucket)) }, cancellationToken),
            cancellationToken);

    public ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken) =>
        InAsync(
            query.Selection.Filter.Bucket,
            bucket => aggregates.ReadAsync(query with { Selection = Kept(query.Selection, bucket) }, cancellationToken),
            cancellationToken);

    public ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken) =>
        InAsync<MeasurementStream>(
            query.Selection.Filter.Bucket,
            async bucket =>
            {
                var kept = query with { Selection = Kept(query.Selection, bucket) };
                var columns = query.NeedsColumns ? await streams.ReadColumnsAsync(kept.Selection, cancellationToken) : MeasurementColumns.None;
                return new MeasurementStream(columns, streams.ReadAsync(kept));
            },
            cancellationToken);

    public async ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken)
    {
        var deleted = await DeleteMeasurementsAsync(selection, dryRun, cancellationToken);
        if (!deleted.IsSuccess || dryRun || !selection.IsAllOfItsDevices)
            return deleted;
        known?.Forget(selection.Filter.Bucket, selection.Filter.Devices);
        if (devices is not null)
            await ForgetAsync(devices, selection.Filter);
        return deleted;
    }

    private ValueTask<Result<long>> DeleteMeasurementsAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken) =>
        InAsync<long>(
            selection.Filter.Bucket,
            async bucket =>
            {
                var kept = Kept(selection, bucket);
                if (kept.Range.IsEmpty)
                    return 0;
                return dryRun ? await reader.CountAsync(kept, cancellationToken) : await deleter.DeleteAsync(kept, cancellationToken);
            },
            cancellationToken);

    // The measurements are gone whether the devices can be forgotten everywhere or not.
    private async Task ForgetAsync(DeviceDirectory directory, MeasurementFilter filter)
    {
        try
        {
            await directory.ForgetAsync(filter.Bucket, filter.Devices, CancellationToken.None);
        }
        catch (KeyStoreUnavailableException exception)
        {
            Log.NotForgotten(logger, exception, filter.Bucket.Value);
        }
    }

    private ValueTask<Result<T>> InAsync<T>(BucketName name, Func<Bucket, Task<Result<T>>> work, CancellationToken cancellationToken) =>
        Failures.CatchAsync(
            logger,
            name,
            async () =>
            {
                var bucket = await buckets.FindAsync(name, cancellationToken);
                return bucket.Error is { } error ? error : await work(bucket.Value);
            },
            Failures.QueryTimedOut);

    // InfluxDB deletes by whole shards, and so shows some for longer than it should.
    private MeasurementSelection Kept(MeasurementSelection selection, Bucket bucket) =>
        selection with { Range = selection.Range with { From = Later(selection.Range.From, OldestOf(bucket)) } };

    private Timestamp OldestOf(Bucket bucket) => bucket.Retention.OldestAt(Timestamp.From(time.GetUtcNow()));

    private static Timestamp Later(Timestamp one, Timestamp other) => one > other ? one : other;

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "Deleted devices of the bucket {Bucket} are still listed, because the key store could not be told")]
        public static partial void NotForgotten(ILogger logger, Exception exception, string bucket);
    }
}
