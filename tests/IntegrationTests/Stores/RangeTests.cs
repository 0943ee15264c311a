using IotBackend.Application.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class RangeTests(StoreFixture fixture) : StoreTests(fixture)
{
    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Empty_bucket_reads_as_an_empty_page(SortOrder order)
    {
        var page = await Bucket.ReadPageAsync(order: order);

        Assert.Empty(page.Items);
        Assert.False(page.HasMore);
        Assert.Empty((await Bucket.LatestPageAsync()).Items);
    }

    [Fact]
    public async Task Measurements_come_in_the_order_of_time_whatever_the_order_they_came_in()
    {
        var written = Some.Numbers("d", 20).ToList();
        await Bucket.WriteAsync([.. written.Skip(10), .. written.Take(10).Reverse()]);

        Show.Equal(written, await Bucket.ReadAsync());
        Show.Equal(written.AsEnumerable().Reverse(), await Bucket.ReadAsync(order: SortOrder.Descending));
    }

    [Fact]
    public async Task Measurements_of_one_time_come_in_the_order_of_the_bytes_of_their_keys()
    {
        // Beyond U+FFFF the order of UTF-8 is another than that of UTF-16, and spaces and dots come before what separates words elsewhere.
        string[] devices = ["A", "a", "a b", "a%b", "a-b", "a.b", "a/b", "a0", "a:b", "aa", "b", "é", "\uFB00", "\U00010400"];
        (string, string)[][] tags = [[], [("a", "x")], [("a", "x"), ("b", "y")], [("b", "a")], [("b", "\uFB00")], [("b", "\U0001F600")]];
        var written = devices.SelectMany(_ => tags, (device, some) => Some.Key(device, "m", some)).Append(Some.Key("a", "l"))
            .Select(key => key.At(Some.Noon, ("v", 1))).ToList();
        await Bucket.WriteAsync(written.Select((item, i) => (item, Place: i * 37 % written.Count)).OrderBy(pair => pair.Place).Select(pair => pair.item));

        var expected = written.OrderBy(item => item.Key).ToList();
        Show.Equal(expected, await Bucket.ReadAsync());
        Show.Equal(expected.AsEnumerable().Reverse(), await Bucket.ReadAsync(order: SortOrder.Descending));
        Show.Equal(expected, await Bucket.ReadAsync(limit: 5));
        Assert.Equal(expected.Select(item => item.Key), (await Bucket.LatestAsync(limit: 5)).Select(item => item.Key));
    }

    [Fact]
    public async Task Fields_come_in_the_order_of_the_bytes_of_their_names()
    {
        await Bucket.WriteAsync(Some.Key("d").At(Some.Noon, ("b", 1), ("é", 2), ("\U00010400", 3), ("\uFB00", 4), ("a b", 5), ("A", 6), ("a", 7)));

        var read = Assert.Single(await Bucket.ReadAsync());

        Assert.Equal(["A", "a", "a b", "b", "é", "\uFB00", "\U00010400"], read.Fields.Select(field => field.Name));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 2, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 1_000_000_000, 1)]
    [InlineData(0, 1_000_000_001, 2)]
    [InlineData(1, 1_000_000_001, 1)]
    [InlineData(1, 0, 0)]
    public async Task Range_holds_its_start_and_not_its_end(long from, long to, int count)
    {
        var written = Some.Numbers("d", 3).ToList();
        await Bucket.WriteAsync(written);

        var read = await Bucket.ReadAsync(from: Some.Noon + from, to: Some.Noon + to);

        Assert.Equal(count, read.Count);
        Assert.All(read, item => Assert.InRange(item.Timestamp.Nanoseconds, Some.Noon + from, Some.Noon + to - 1));
    }

    [Fact]
    public async Task Values_of_one_time_are_one_measurement_and_those_of_others_are_others()
    {
        var key = Some.Key("d");
        await Bucket.WriteAsync(key.At(Some.Noon, ("a", 1)), key.At(Some.Noon + 1, ("b", 2)));
        await Bucket.WriteAsync(key.At(Some.Noon, ("c", 3)));

        await Bucket.AssertHoldsAsync(key.At(Some.Noon, ("a", 1), ("c", 3)), key.At(Some.Noon + 1, ("b", 2)));
    }

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Page_has_more_when_there_is_one_more_than_the_limit(SortOrder order)
    {
        await Bucket.WriteAsync(Some.Numbers("d", 5));

        var all = await Bucket.ReadPageAsync(order: order, limit: 5);
        var some = await Bucket.ReadPageAsync(order: order, limit: 4);

        Assert.Equal(5, all.Items.Count);
        Assert.False(all.HasMore);
        Assert.True(some.HasMore);
        Show.Equal(all.Items.Take(4), some.Items);
    }

    [Fact]
    public async Task Largest_page_holds_10000_measurements_and_tells_of_one_more()
    {
        await Bucket.WriteAsync(Some.Numbers("d", TestBucket.LargestPage));
        Assert.False((await Bucket.ReadPageAsync()).HasMore);
        var last = Some.Number("d", Some.Noon - 1);
        await Bucket.WriteAsync(last);

        var page = await Bucket.ReadPageAsync(order: SortOrder.Descending);

        Assert.True(page.HasMore);
        Assert.Equal(Some.Numbers("d", TestBucket.LargestPage).Last().Show(), page.Items[0].Show());
        var rest = await Bucket.ReadPageAsync(order: SortOrder.Descending, after: TestBucket.PositionOf(page.Items[^1]));
        Show.Equal([last], rest.Items);
    }

    [Fact]
    public async Task Page_counts_measurements_and_not_their_fields()
    {
        var written = Enumerable.Range(0, 7).Select(i => Some.Key("d").At(
            Some.Noon + (i * Some.Second), [.. Enumerable.Range(0, 20).Where(f => f % 7 != i).Select(f => ($"f{f:00}", (object)i))])).ToList();
        await Bucket.WriteAsync(written);

        Show.Equal(written, await Bucket.ReadAsync(limit: 3));
        Show.Equal(written.Take(3), (await Bucket.ReadPageAsync(limit: 3)).Items);
    }
}
