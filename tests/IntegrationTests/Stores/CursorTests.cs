using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class CursorTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly SortOrder[] BothOrders = [SortOrder.Ascending, SortOrder.Descending];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(49)]
    [InlineData(50)]
    public async Task Measurements_of_one_time_go_on_where_the_page_before_ended(int limit)
    {
        var written = Enumerable.Range(0, 50).Select(i => Some.Key($"d-{i / 10}", $"m-{i % 5}", [("t", $"{i / 5 % 2}")]).At(Some.Noon, ("v", i)))
            .OrderBy(TestBucket.PositionOf).ToList();
        await Bucket.WriteAsync(written);

        Show.Equal(written, await Bucket.ReadAsync(limit: limit));
        Show.Equal(written.AsEnumerable().Reverse(), await Bucket.ReadAsync(order: SortOrder.Descending, limit: limit));
    }

    [Fact]
    public async Task Walk_with_any_limit_gives_the_same()
    {
        var written = Enumerable.Range(0, 24).Select(i => Some.Key($"d-{i % 4}").At(Some.Noon + (i / 4), ("v", i))).OrderBy(TestBucket.PositionOf).ToList();
        await Bucket.WriteAsync(written);

        for (var limit = 1; limit <= written.Count + 1; limit++)
        {
            Show.Equal(written, await Bucket.ReadAsync(limit: limit));
            Show.Equal(written.AsEnumerable().Reverse(), await Bucket.ReadAsync(order: SortOrder.Descending, limit: limit));
        }
    }

    [Fact]
    public async Task Nothing_comes_after_the_last()
    {
        var written = Some.Numbers("d", 3).ToList();
        await Bucket.WriteAsync(written);

        Assert.Empty((await Bucket.ReadPageAsync(after: TestBucket.PositionOf(written[^1]))).Items);
        Assert.Empty((await Bucket.ReadPageAsync(order: SortOrder.Descending, after: TestBucket.PositionOf(written[0]))).Items);
    }

    [Fact]
    public async Task Place_need_not_hold_a_measurement()
    {
        var written = new[] { "b", "d", "f" }.Select(device => Some.Number(device, Some.Noon)).ToList();
        await Bucket.WriteAsync(written);
        await Bucket.WriteAsync(Some.Number("d", Some.Noon + 2));

        Assert.Equal(["d", "f", "d"], await DevicesAfterAsync(SortOrder.Ascending, "c", Some.Noon));
        Assert.Equal(["b"], await DevicesAfterAsync(SortOrder.Descending, "c", Some.Noon));
        Assert.Equal(["d"], await DevicesAfterAsync(SortOrder.Ascending, "a", Some.Noon + 1));
        Assert.Equal(["f", "d", "b"], await DevicesAfterAsync(SortOrder.Descending, "z", Some.Noon + 1));
        Assert.Equal(["d", "f", "d"], await DevicesAfterAsync(SortOrder.Ascending, "b", Some.Noon));
    }

    [Fact]
    public async Task Walk_goes_on_when_the_place_where_it_stopped_is_deleted()
    {
        var written = Some.Numbers("d", 10).ToList();
        await Bucket.WriteAsync(written);
        var page = await Bucket.ReadPageAsync(limit: 4);
        var last = page.Items[^1].Timestamp.Nanoseconds;
        await Bucket.DeleteAsync(from: last, to: last + 1);

        var rest = await Bucket.ReadPageAsync(after: TestBucket.PositionOf(page.Items[^1]));

        Show.Equal(written.Skip(4), rest.Items);
    }

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Walk_sees_each_measurement_once_while_others_arrive_before_and_after_it(SortOrder order)
    {
        var written = Enumerable.Range(0, 40).Select(i => Some.Number($"d-{i % 4}", Some.Noon + (i / 4 * 10), i)).ToList();
        await Bucket.WriteAsync(written);

        var walked = new List<Measurement>();
        for (var hasMore = true; hasMore;)
        {
            var after = walked.Count == 0 ? null : TestBucket.PositionOf(walked[^1]);
            var page = await Bucket.ReadPageAsync(order: order, limit: 3, after: after);
            walked.AddRange(page.Items);
            hasMore = page.HasMore;
            await Bucket.WriteAsync(Around(walked[^1]));
        }

        AssertInOrder(walked, order);
        var originals = walked.Where(item => item.Key.Device.StartsWith("d-", StringComparison.Ordinal)).OrderBy(TestBucket.PositionOf);
        Show.Equal(written.OrderBy(TestBucket.PositionOf), originals);
    }

    [Fact]
    public async Task Walks_are_whole_while_a_writer_writes_everywhere()
    {
        var written = Enumerable.Range(0, 400).Select(i => Some.Number($"d-{i % 8}", Some.Noon + (i / 8 * 100), i)).OrderBy(TestBucket.PositionOf).ToList();
        await Bucket.WriteAsync(written);
        using var ended = new CancellationTokenSource();
        var writing = WriteEverywhereAsync(ended.Token);

        foreach (var (order, limit) in BothOrders.SelectMany(_ => new[] { 10, 37 }, (order, limit) => (order, limit)))
        {
            var walked = await Bucket.ReadAsync(order: order, limit: limit);
            AssertInOrder(walked, order);
            Show.Equal(written, walked.Where(item => item.Key.Device.StartsWith("d-", StringComparison.Ordinal)).OrderBy(TestBucket.PositionOf));
        }

        await ended.CancelAsync();
        Assert.True(await writing > 0, "Nothing was written meanwhile.");
    }

    [Fact]
    public async Task Walk_keeps_to_its_range_and_its_filter()
    {
        await Bucket.WriteAsync(Enumerable.Range(0, 60).Select(i => Some.Key($"d-{i % 3}").At(Some.Noon + (i / 3), (i % 2 == 0 ? "even" : "odd", i))));
        var filter = Bucket.Of("d-0", "d-2") with { Fields = ["odd"] };

        foreach (var order in BothOrders)
        {
            var whole = (await Bucket.ReadPageAsync(filter, order, from: Some.Noon + 3, to: Some.Noon + 15)).Items;
            Assert.Equal(12, whole.Count);
            Show.Equal(whole, await Bucket.ReadAsync(filter, order, limit: 5, from: Some.Noon + 3, to: Some.Noon + 15));
        }
    }

    [Fact]
    public async Task Walk_goes_on_from_the_ends_of_time()
    {
        var first = Some.Number("d", Fixture.Earliest);
        var last = Some.Number("d", long.MaxValue - 1);
        await Bucket.WriteAsync(first, last);

        Show.Equal([first, last], await Bucket.ReadAsync(limit: 1));
        Show.Equal([last, first], await Bucket.ReadAsync(order: SortOrder.Descending, limit: 1));
        Assert.Empty((await Bucket.ReadPageAsync(after: new(Timestamp.MaxValue, first.Key))).Items);
        Assert.Empty((await Bucket.ReadPageAsync(order: SortOrder.Descending, after: new(Timestamp.MinValue, first.Key))).Items);
    }

    private async Task<IEnumerable<string>> DevicesAfterAsync(SortOrder order, string device, long time)
    {
        var page = await Bucket.ReadPageAsync(order: order, after: new(new Timestamp(time), Some.Key(device)));
        return page.Items.Select(item => item.Key.Device);
    }

    // At the place itself, right beside it, and far away from it on both sides.
    private static IEnumerable<Measurement> Around(Measurement place)
    {
        var time = place.Timestamp.Nanoseconds;
        return
        [
            Some.Number("a", time), Some.Number("z", time), Some.Number("a", time - 1), Some.Number("z", time + 1),
            Some.Number("n", Some.Noon - Some.Hour), Some.Number("n", Some.Noon - 1), Some.Number("n", Some.Noon + 500),
        ];
    }

    private async Task<int> WriteEverywhereAsync(CancellationToken ended)
    {
        var batches = 0;
        for (; !ended.IsCancellationRequested; batches++)
        {
            var time = Some.Noon + (batches * 7919 % 5200) - 100;
            await Bucket.WriteAsync(Some.Number($"a-{batches % 5}", time), Some.Number($"z-{batches % 5}", time - (time % 100)));
        }

        return batches;
    }

    private static void AssertInOrder(List<Measurement> walked, SortOrder order)
    {
        for (var i = 1; i < walked.Count; i++)
        {
            var (one, next) = (TestBucket.PositionOf(walked[i - 1]), TestBucket.PositionOf(walked[i]));
            Assert.True(order == SortOrder.Ascending ? one < next : one > next, $"{walked[i - 1].Show()} comes before {walked[i].Show()}.");
        }
    }
}
