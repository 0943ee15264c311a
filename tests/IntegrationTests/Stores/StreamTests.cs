using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class StreamTests(StoreFixture fixture) : StoreTests(fixture)
{
    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Stream_holds_what_pages_hold_in_their_order_and_goes_on_after_any_of_them(SortOrder order)
    {
        var keys = new[] { Some.Key("a"), Some.Key("a", "telemetry", ("t", "x")), Some.Key("b"), Some.Key("c", "m") };
        await Bucket.WriteAsync(Enumerable.Range(0, 300).Select(i => keys[i % 4].At(Some.Noon + (i / 8 * Some.Second), ("v", i), ("text", $"\"{i}\"\n"), ("odd", i % 2 == 1))));
        var pages = await Bucket.ReadAsync(order: order, limit: 37);

        Show.Equal(pages, await Bucket.StreamAsync(order: order));
        foreach (var last in new[] { 0, 3, 4, 5, 100, pages.Count - 2, pages.Count - 1 })
            Show.Equal(pages.Skip(last + 1), await Bucket.StreamAsync(order: order, after: TestBucket.PositionOf(pages[last])));
    }

    [Fact]
    public async Task Stream_goes_on_after_a_measurement_that_is_not_there_any_more()
    {
        await Bucket.WriteAsync(Some.Number("a", Some.Noon), Some.Number("c", Some.Noon), Some.Number("a", Some.Noon + 1));

        var rest = await Bucket.StreamAsync(after: new MeasurementPosition(new Timestamp(Some.Noon), Some.Key("b")));

        Show.Equal([Some.Number("c", Some.Noon), Some.Number("a", Some.Noon + 1)], rest);
    }

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task More_than_fits_into_a_part_comes_in_several_each_measurement_once(SortOrder order)
    {
        var written = new[] { "a", "b", "c" }.SelectMany(device => Some.Numbers(device, 9_000, step: Some.Second / 10)).ToArray();
        foreach (var some in written.Chunk(TestBucket.LargestPage))
            await Bucket.WriteAsync(some);
        var expected = written.OrderBy(TestBucket.PositionOf).ToList();
        if (order == SortOrder.Descending)
            expected.Reverse();

        Show.Equal(expected, await Bucket.StreamAsync(order: order));
    }

    [Fact]
    public async Task Columns_are_those_of_what_is_selected_and_may_be_seen()
    {
        await Bucket.WriteAsync(
            Some.Key("a-1", "m", ("z", "1"), ("b", "1")).At(Some.Noon, ("v", 1), ("Ä", true)),
            Some.Key("a-2", "m", ("y", "1")).At(Some.Noon, ("a", "x")),
            Some.Key("b-1", "m", ("hidden", "1")).At(Some.Noon, ("secret", "x")));
        var visible = Bucket.All with { Visible = new DeviceSet([DevicePattern.Parse("a-*")]) };

        Assert.Equivalent(new MeasurementColumns(["b", "y", "z"], ["a", "v", "Ä"]), await Bucket.ColumnsAsync(visible), strict: true);
        Assert.Equivalent(new MeasurementColumns(["b", "z"], ["v"]), await Bucket.ColumnsAsync(visible with { Fields = ["v"] }), strict: true);
        Assert.Equivalent(new MeasurementColumns([], []), await Bucket.ColumnsAsync(visible with { Devices = ["b-1"] }), strict: true);
    }

    [Fact]
    public async Task Stream_of_a_bucket_that_is_deleted_meanwhile_breaks_instead_of_ending()
    {
        foreach (var some in Some.Numbers("d", 30_000).Chunk(TestBucket.LargestPage))
            await Bucket.WriteAsync(some);
        var filter = Bucket.All;
        var query = new StreamQuery(new MeasurementSelection(filter, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)), SortOrder.Ascending, null, null, false);
        var stream = (await Measurements.StreamAsync(query, Cancelled)).MustSucceed();
        await using var parts = stream.Parts.GetAsyncEnumerator(Cancelled);
        Assert.True(await parts.MoveNextAsync());

        (await Buckets.DeleteAsync(Bucket.Name, Application.Buckets.BucketCondition.None, Cancelled)).MustSucceed();

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(async () =>
        {
            while (await parts.MoveNextAsync())
            {
            }
        });
        Assert.Equal(ErrorCodes.BucketNotFound, broken.Error.Code);
    }

    [Fact]
    public async Task Stream_of_an_unknown_bucket_fails_at_once()
    {
        var unknown = Bucket.All with { Bucket = Domain.Buckets.BucketName.TryParse("unknown", out _)! };
        var query = new StreamQuery(new MeasurementSelection(unknown, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)), SortOrder.Ascending, null, null, true);

        (await Measurements.StreamAsync(query, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
    }
}
