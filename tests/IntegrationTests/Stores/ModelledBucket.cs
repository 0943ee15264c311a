using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>A bucket of a real store beside a naive one: whatever is done to both, they must answer the same.</summary>
internal sealed class ModelledBucket(TestBucket real, bool judgesTypesByBucket)
{
    private NaiveStore _naive = new();

    public async Task WriteAsync(Measurement[] measurements)
    {
        var faults = await real.TryWriteAsync(measurements);
        var refused = measurements.Index().Where(item => !_naive.Write(
            item.Item.Key, item.Item.Timestamp.Nanoseconds, [.. item.Item.Fields.Select(field => (field.Name, field.Value))]));
        Assert.Equal(refused.Select(item => item.Index), faults.Select(fault => fault.Index!.Value).Distinct().Order());
    }

    public async Task DeleteAsync(MeasurementFilter filter, TimeRange range) => Assert.Equal(
        _naive.Delete(new MeasurementSelection(There(filter), range)),
        await real.DeleteAsync(Here(filter), range.From.Nanoseconds, range.To.Nanoseconds));

    public async Task ReadAsync(MeasurementFilter filter, TimeRange range, SortOrder order, int limit)
    {
        var expected = new List<Measurement>();
        for (var hasMore = true; hasMore;)
        {
            var after = expected.Count == 0 ? null : TestBucket.PositionOf(expected[^1]);
            var page = _naive.Read(new MeasurementQuery(new MeasurementSelection(There(filter), range), order, limit, after));
            expected.AddRange(page.Items);
            hasMore = page.HasMore;
        }

        Show.Equal(expected, await real.ReadAsync(Here(filter), order, limit, range.From.Nanoseconds, range.To.Nanoseconds));
    }

    public async Task ReadLatestAsync(MeasurementFilter filter, int limit, long oldest)
    {
        var expected = _naive.ReadLatest(new LatestQuery(There(filter), new Timestamp(oldest), int.MaxValue, null));
        Show.Equal(expected.Items, await real.LatestAsync(Here(filter), limit, oldest));
    }

    public async Task AggregateAsync(MeasurementFilter filter, TimeRange range, long length, AggregateFunction[] functions)
    {
        var read = await real.TryAggregateAsync(Here(filter), range, length, functions);
        var expected = _naive.Aggregate(new MeasurementSelection(There(filter), range), length, judgesTypesByBucket);
        if (expected is not null)
            Assert.Empty(NaiveAggregates.Compare(expected, read.MustSucceed(), functions));
        else if (read.IsSuccess)
            Assert.Empty(read.Value); // A database may forget a field whose values are all gone.
        else
            read.MustFail(ErrorCodes.AggregateNeedsNumbers);
    }

    public async Task StreamAsync(MeasurementFilter filter, TimeRange range, SortOrder order) => Show.Equal(
        _naive.Read(new MeasurementQuery(new MeasurementSelection(There(filter), range), order, int.MaxValue, null)).Items,
        await real.StreamAsync(Here(filter), order, range.From.Nanoseconds, range.To.Nanoseconds));

    public Task ReadAllAsync() => ReadAsync(real.All, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue), SortOrder.Ascending, TestBucket.LargestPage);

    public Task RestartAsync() => real.Store.RestartAsync();

    /// <summary>Deletes the bucket and makes it anew.</summary>
    public async Task RecreateAsync()
    {
        var buckets = real.Store.Buckets;
        var deleted = (await buckets.DeleteAsync(real.Name, BucketCondition.None, TestContext.Current.CancellationToken)).MustSucceed();
        (await buckets.SaveAsync(deleted, BucketCondition.IsNew, TestContext.Current.CancellationToken)).MustSucceed();
        _naive = new NaiveStore();
    }

    // The naive store is the bucket's own, and has it under the name that it always has.
    private static MeasurementFilter There(MeasurementFilter filter) => filter with { Bucket = BucketName.Default };

    private MeasurementFilter Here(MeasurementFilter filter) => filter with { Bucket = real.Name };
}
