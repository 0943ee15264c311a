using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>A bucket of a test's own, and the questions that can be asked of it. Whatever is not expected to fail must succeed.</summary>
internal sealed class TestBucket(StoreUnderTest store, BucketName name, string? canNotDelete = null)
{
    public const int LargestPage = 10_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public BucketName Name => name;

    public StoreUnderTest Store => store;

    public MeasurementFilter All { get; } = new(name, [], [], [], [], DeviceSet.All);

    public MeasurementFilter Of(params string[] devices) => All with { Devices = devices };

    public static MeasurementPosition PositionOf(Measurement measurement) => new(measurement.Timestamp, measurement.Key);

    public static MeasurementBatch BatchOf(IEnumerable<Measurement> measurements)
    {
        var batch = new MeasurementBatch(new Timestamp(Some.Noon));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var measurement in measurements)
            writer.Measure(measurement);
        return batch;
    }

    /// <summary>Stores them in one batch; none may be refused.</summary>
    public async Task WriteAsync(params IEnumerable<Measurement> measurements) => Assert.Empty(await TryWriteAsync(measurements));

    /// <summary>Stores them in one batch and returns why some were refused.</summary>
    public async Task<IReadOnlyList<Fault>> TryWriteAsync(params IEnumerable<Measurement> measurements)
    {
        using var batch = BatchOf(measurements);
        Assert.Equal(WriteOutcome.Stored, (await store.Measurements.WriteAsync(name, batch, Cancelled)).MustSucceed());
        Assert.Equal(batch.RejectedCount, batch.Faults.Select(fault => fault.Index).Distinct().Count());
        return batch.Faults;
    }

    public async Task<MeasurementPage> ReadPageAsync(
        MeasurementFilter? filter = null,
        SortOrder order = SortOrder.Ascending,
        int limit = LargestPage,
        MeasurementPosition? after = null,
        long from = long.MinValue,
        long to = long.MaxValue)
    {
        var query = new MeasurementQuery(Selection(filter, from, to), order, limit, after);
        var page = (await store.Measurements.ReadAsync(query, Cancelled)).MustSucceed();
        Assert.InRange(page.Items.Count, 0, limit);
        Assert.True(!page.HasMore || page.Items.Count == limit, "A page that is not the last is not full.");
        return page;
    }

    /// <summary>Page after page, to the last.</summary>
    public async Task<List<Measurement>> ReadAsync(
        MeasurementFilter? filter = null,
        SortOrder order = SortOrder.Ascending,
        int limit = LargestPage,
        long from = long.MinValue,
        long to = long.MaxValue)
    {
        var read = new List<Measurement>();
        for (var hasMore = true; hasMore;)
        {
            var page = await ReadPageAsync(filter, order, limit, read.Count == 0 ? null : PositionOf(read[^1]), from, to);
            read.AddRange(page.Items);
            hasMore = page.HasMore;
        }

        return read;
    }

    public async Task<LatestPage> LatestPageAsync(
        MeasurementFilter? filter = null, int limit = LargestPage, MeasurementKey? after = null, long oldest = long.MinValue)
    {
        var query = new LatestQuery(filter ?? All, new Timestamp(oldest), limit, after);
        var page = (await store.Measurements.ReadLatestAsync(query, Cancelled)).MustSucceed();
        Assert.InRange(page.Items.Count, 0, limit);
        Assert.True(!page.HasMore || page.Items.Count == limit, "A page that is not the last is not full.");
        return page;
    }

    /// <summary>Page after page, to the last.</summary>
    public async Task<List<LatestValues>> LatestAsync(MeasurementFilter? filter = null, int limit = LargestPage, long oldest = long.MinValue)
    {
        var read = new List<LatestValues>();
        for (var hasMore = true; hasMore;)
        {
            var page = await LatestPageAsync(filter, limit, read.Count == 0 ? null : read[^1].Key, oldest);
            read.AddRange(page.Items);
            hasMore = page.HasMore;
        }

        return read;
    }

    public async Task<Result<IReadOnlyList<AggregatedSeries>>> TryAggregateAsync(
        MeasurementFilter? filter, TimeRange range, long length, IReadOnlyList<AggregateFunction> functions, int mostPoints = AggregateMeasurements.MaxPoints) =>
        await store.Measurements.AggregateAsync(
            new AggregateQuery(new MeasurementSelection(filter ?? All, range), new WindowGrid(range, length), functions, mostPoints), Cancelled);

    /// <summary>All that comes of a stream.</summary>
    public async Task<List<Measurement>> StreamAsync(
        MeasurementFilter? filter = null,
        SortOrder order = SortOrder.Ascending,
        long from = long.MinValue,
        long to = long.MaxValue,
        MeasurementPosition? after = null)
    {
        var stream = (await store.Measurements.StreamAsync(new StreamQuery(Selection(filter, from, to), order, null, after, NeedsColumns: false), Cancelled)).MustSucceed();
        var read = new List<Measurement>();
        await foreach (var part in stream.Parts.WithCancellation(Cancelled))
            read.AddRange(part);
        return read;
    }

    /// <summary>The columns that a stream announces.</summary>
    public async Task<MeasurementColumns> ColumnsAsync(MeasurementFilter? filter = null) => (await store.Measurements.StreamAsync(
        new StreamQuery(Selection(filter, long.MinValue, long.MaxValue), SortOrder.Ascending, null, null, NeedsColumns: true), Cancelled)).MustSucceed().Columns;

    /// <summary>Deletes, after a dry run that must count as many and delete none.</summary>
    public async Task<long> DeleteAsync(MeasurementFilter? filter = null, long from = long.MinValue, long to = long.MaxValue)
    {
        var counted = await CountAsync(filter, from, to);
        var deleted = await store.Measurements.DeleteAsync(Selection(filter, from, to), dryRun: false, Cancelled);
        if (canNotDelete is null)
            Assert.Equal(counted, deleted.MustSucceed());
        else
            await AssertCanNotDeleteAsync(deleted, counted, filter, from, to);
        return counted;
    }

    /// <summary>What a deletion would delete.</summary>
    public async Task<long> CountAsync(MeasurementFilter? filter = null, long from = long.MinValue, long to = long.MaxValue) =>
        (await store.Measurements.DeleteAsync(Selection(filter, from, to), dryRun: true, Cancelled)).MustSucceed();

    /// <summary>Fails unless the bucket holds just these, whatever the order they are given in.</summary>
    public async Task AssertHoldsAsync(params IEnumerable<Measurement> expected) =>
        Show.Equal(expected.OrderBy(PositionOf), await ReadAsync());

    // When there was nothing to delete, the test can go on.
    private async Task AssertCanNotDeleteAsync(Result<long> deleted, long counted, MeasurementFilter? filter, long from, long to)
    {
        if (from >= to)
            Assert.Equal(0, deleted.MustSucceed());
        else
            deleted.MustFail(ErrorCodes.NotSupportedByStore);
        Assert.Equal(counted, await CountAsync(filter, from, to));
        if (counted > 0)
            Assert.Skip(canNotDelete!);
    }

    private MeasurementSelection Selection(MeasurementFilter? filter, long from, long to) =>
        new(filter ?? All, new TimeRange(new Timestamp(from), new Timestamp(to)));
}
