using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class SeriesTests(StoreFixture fixture) : StoreTests(fixture)
{
    private const int Devices = 10_000;

    /// <summary>No goal but a guard: what takes longer than this walks through what it need not.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Ten_thousand_series_are_written_read_and_deleted()
    {
        var written = Enumerable.Range(0, Devices).Select(i => Some.Key($"d-{i:00000}", "m", [("group", $"{i % 100}")]).At(Some.Noon + (i % 7), ("v", i)))
            .OrderBy(TestBucket.PositionOf).ToList();
        foreach (var batch in written.Chunk(2_500))
            await Bucket.WriteAsync(batch);

        Show.Equal(written, await Bucket.ReadAsync());
        Show.Equal(written.AsEnumerable().Reverse(), await Bucket.ReadAsync(order: SortOrder.Descending, limit: 3_000));
        Assert.Equal(written.Select(item => item.Key).Order(), (await Bucket.LatestAsync(limit: 3_000)).Select(item => item.Key));
        await AssertSoonAsync(written);
        Assert.Equal(100, await Bucket.DeleteAsync(Bucket.All with { Tags = [new("group", "42")] }));
        Assert.Equal(Devices - 100, await Bucket.CountAsync());
    }

    [Fact]
    public async Task Measurement_of_the_most_fields_and_tags_is_kept_whole()
    {
        var tags = Enumerable.Range(0, MeasurementBatchWriter.MaxTags).Select(i => ($"t-{i:00}", $"value {i}"));
        var fields = Enumerable.Range(0, MeasurementBatchWriter.MaxFields).Select(i => ($"f-{i:000}", (object)(i % 3 == 0 ? i : i % 3 == 1 ? $"text {i}" : i % 2 == 0)));
        var written = Some.Key("d", "m", tags).At(Some.Noon, fields);

        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Assert.Equal(MeasurementBatchWriter.MaxFields, Assert.Single(await Bucket.LatestAsync()).Fields.Count);
    }

    [Fact]
    public async Task Names_that_grow_with_each_measurement_are_kept()
    {
        var written = Enumerable.Range(0, 500).Select(i => Some.Key("d", $"m-{i}").At(Some.Noon, ($"f-{i}", i))).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal([written[499]], await Bucket.ReadAsync(Bucket.All with { Fields = ["f-499"] }));
        Assert.Equal(500, (await Bucket.LatestAsync(limit: 70)).Count);
    }

    private async Task AssertSoonAsync(List<Measurement> written)
    {
        var began = TimeProvider.System.GetTimestamp();
        Show.Equal(written.Take(10), (await Bucket.ReadPageAsync(limit: 10)).Items);
        Show.Equal(written.AsEnumerable().Reverse().Take(10), (await Bucket.ReadPageAsync(order: SortOrder.Descending, limit: 10)).Items);
        Assert.Single(await Bucket.ReadAsync(Bucket.Of("d-07777")));
        Assert.Single(await Bucket.LatestAsync(Bucket.Of("d-07777")));
        Assert.Equal(100, (await Bucket.ReadAsync(Bucket.All with { Tags = [new("group", "7")] })).Count);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Soon);
    }
}
