using System.Runtime.CompilerServices;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Caching;

/// <summary>Sees to it that nobody is told of a change while the cache still answers without it, whichever use case makes the change.</summary>
internal sealed class InvalidatingMeasurementStore(IMeasurementStore store, AnswerInvalidation invalidation) : IMeasurementStore
{
    // Its state machine is taken from a pool: it would be the only thing that a write costs here (benchmark P14).
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        var mayBeStored = true;
        try
        {
            var result = await store.WriteAsync(bucket, batch, cancellationToken);

            // What waits in the spool can not be read yet; whoever empties it says so. After a failure it is not known what was stored.
            mayBeStored = result.Error is { } error ? error.Kind is ErrorKind.Unavailable or ErrorKind.Timeout : result.Value == WriteOutcome.Stored;
            return result;
        }
        finally
        {
            if (mayBeStored)
                await invalidation.StoredAsync(bucket, batch);
        }
    }

    public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) => store.ReadAsync(query, cancellationToken);

    public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) => store.ReadLatestAsync(query, cancellationToken);

    public ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken) =>
        store.AggregateAsync(query, cancellationToken);

    public ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken) => store.StreamAsync(query, cancellationToken);

    public async ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken)
    {
        if (dryRun)
            return await store.DeleteAsync(selection, dryRun, cancellationToken);
        try
        {
            return await store.DeleteAsync(selection, dryRun, cancellationToken);
        }
        finally
        {
            await invalidation.ChangedAsync(selection.Filter.Bucket, selection.Filter.Devices);
        }
    }
}
