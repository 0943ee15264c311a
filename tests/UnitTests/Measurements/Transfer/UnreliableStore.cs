using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.UnitTests.Measurements.Transfer;

/// <summary>A store and source that fail as a test wants it, and work otherwise.</summary>
internal sealed class UnreliableStore(IMeasurementStore store, IMeasurementSource source) : IMeasurementStore, IMeasurementSource
{
    private int _writes;

    public static Error Away { get; } = new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "It is away.");

    /// <summary>What happens instead of a write, by its number from 1; null: the write.</summary>
    public Func<int, Result<WriteOutcome>?> InsteadOfWrite { get; set; } = _ => null;

    /// <summary>How many parts of a device are read before it fails, by the number of the attempt from 1.</summary>
    public Func<int, int> PartsBeforeFailure { get; set; } = _ => int.MaxValue;

    public int Writes => _writes;

    public int Reads { get; private set; }

    public async ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken) =>
        InsteadOfWrite(Interlocked.Increment(ref _writes)) ?? await store.WriteAsync(bucket, batch, cancellationToken);

    public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) => store.ReadAsync(query, cancellationToken);

    public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) => store.ReadLatestAsync(query, cancellationToken);

    public ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken) => store.AggregateAsync(query, cancellationToken);

    public ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken) => store.StreamAsync(query, cancellationToken);

    public ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken) =>
        store.DeleteAsync(selection, dryRun, cancellationToken);

    public ValueTask<Result<IReadOnlyList<string>>> ListDevicesAsync(BucketName bucket, CancellationToken cancellationToken) =>
        source.ListDevicesAsync(bucket, cancellationToken);

    public async ValueTask<Result<long>> ReadAsync(
        BucketName bucket, string device, TimeRange range, Func<IReadOnlyList<Measurement>, ValueTask> take, CancellationToken cancellationToken)
    {
        var left = PartsBeforeFailure(++Reads);
        var read = await source.ReadAsync(bucket, device, range, part => left-- > 0 ? take(part) : ValueTask.CompletedTask, cancellationToken);
        return left < 0 ? Away : read;
    }
}
