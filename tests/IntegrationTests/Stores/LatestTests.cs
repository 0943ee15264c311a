using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class LatestTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly MeasurementKey Key = Some.Key("d", "m", ("t", "v"));

    [Fact]
    public async Task Each_field_has_its_newest_value_with_its_own_time()
    {
        await Bucket.WriteAsync(
            Key.At(1, ("a", 1), ("b", true), ("c", "x")),
            Key.At(3, ("b", false)),
            Key.At(2, ("a", 2), ("b", true)));

        await AssertLatestAsync(Values(Key, ("a", 2, 2), ("b", false, 3), ("c", "x", 1)));
    }

    [Fact]
    public async Task Late_data_changes_nothing_and_newer_data_does()
    {
        await Bucket.WriteAsync(Key.At(Some.Noon, ("a", 1)));
        await Bucket.WriteAsync(Key.At(Some.Noon - 1, ("a", 2)), Key.At(Some.Noon - (400 * Some.Day), ("a", 3)));
        await AssertLatestAsync(Values(Key, ("a", 1, Some.Noon)));

        await Bucket.WriteAsync(Key.At(Some.Noon + 1, ("a", 4)));

        await AssertLatestAsync(Values(Key, ("a", 4, Some.Noon + 1)));
    }

    [Fact]
    public async Task Rewritten_value_is_the_latest()
    {
        await Bucket.WriteAsync(Key.At(Some.Noon, ("a", 1)));
        await Bucket.WriteAsync(Key.At(Some.Noon, ("a", 2)));

        await AssertLatestAsync(Values(Key, ("a", 2, Some.Noon)));
    }

    [Fact]
    public async Task When_the_newest_is_deleted_the_one_before_is_the_latest_until_there_is_none()
    {
        await Bucket.WriteAsync(Key.At(1, ("a", 1), ("b", 1)), Key.At(2, ("a", 2)));

        await Bucket.DeleteAsync(from: 2);
        await AssertLatestAsync(Values(Key, ("a", 1, 1), ("b", 1, 1)));
        await Bucket.DeleteAsync(Bucket.All with { Fields = ["a"] });
        await AssertLatestAsync(Values(Key, ("b", 1, 1)));
        await Bucket.DeleteAsync();
        await AssertLatestAsync();
    }

    [Fact]
    public async Task Keys_come_in_their_order_page_by_page()
    {
        var written = Enumerable.Range(0, 23).Select(i => Some.Key($"d-{i % 5}", $"m-{i / 5 % 3}", [("t", $"{i}")]).At(Some.Noon - i, ("v", i))).ToList();
        await Bucket.WriteAsync(written);
        var expected = written.OrderBy(item => item.Key).Select(item => Values(item.Key, ("v", item.Fields[0].Value.Number, item.Timestamp.Nanoseconds))).ToList();

        for (var limit = 1; limit <= 24; limit += 5)
            Show.Equal(expected, await Bucket.LatestAsync(limit: limit));
        Assert.False((await Bucket.LatestPageAsync(limit: 23)).HasMore);
        Assert.True((await Bucket.LatestPageAsync(limit: 22)).HasMore);
        Assert.Empty((await Bucket.LatestPageAsync(after: expected[^1].Key)).Items);
    }

    [Fact]
    public async Task Place_of_a_page_need_not_hold_a_key()
    {
        await Bucket.WriteAsync(Some.Number("b", 1), Some.Number("d", 1));

        var page = await Bucket.LatestPageAsync(after: Some.Key("c"));

        Assert.Equal("d", Assert.Single(page.Items).Key.Device);
    }

    [Fact]
    public async Task Values_before_the_oldest_time_are_left_out_and_keys_that_have_none_left()
    {
        var other = Some.Key("e");
        await Bucket.WriteAsync(Key.At(10, ("a", 1)), Key.At(11, ("b", 2)), Key.At(12, ("c", 3)), other.At(10, ("a", 4)));

        Show.Equal([Values(Key, ("b", 2, 11), ("c", 3, 12))], await Bucket.LatestAsync(oldest: 11));
        Assert.Equal(2, (await Bucket.LatestAsync(oldest: 10)).Count);
        Show.Equal([Values(Key, ("c", 3, 12))], await Bucket.LatestAsync(oldest: 12));
        Assert.Empty(await Bucket.LatestAsync(oldest: 13));
    }

    [Fact]
    public async Task Page_is_full_although_keys_before_the_oldest_time_lie_between()
    {
        await Bucket.WriteAsync(Enumerable.Range(0, 20).Select(i => Some.Number($"d-{i:00}", i % 2 == 0 ? 1 : 100)));

        var page = await Bucket.LatestPageAsync(limit: 4, oldest: 50);

        Assert.Equal(["d-01", "d-03", "d-05", "d-07"], page.Items.Select(item => item.Key.Device));
        Assert.True(page.HasMore);
        Assert.Equal(10, (await Bucket.LatestAsync(limit: 4, oldest: 50)).Count);
    }

    [Fact]
    public async Task Filters_choose_as_they_do_for_ranges()
    {
        var written = new[]
        {
            Some.Key("d-1", "m", ("t", "1")).At(1, ("a", 1), ("b", 2)),
            Some.Key("d-1", "n", ("t", "2")).At(1, ("a", 3)),
            Some.Key("d-2", "m").At(1, ("b", 4)),
        };
        await Bucket.WriteAsync(written);

        Assert.Equal([written[0].Key, written[1].Key], await KeysAsync(Bucket.Of("d-1")));
        Assert.Equal([written[0].Key, written[2].Key], await KeysAsync(Bucket.All with { Names = ["m"] }));
        Assert.Equal([written[1].Key], await KeysAsync(Bucket.All with { Tags = [new("t", "2")] }));
        Assert.Equal([written[2].Key], await KeysAsync(Bucket.All with { Visible = new DeviceSet([DevicePattern.Parse("d-2*")]) }));
        Show.Equal([Values(written[0].Key, ("b", 2, 1)), Values(written[2].Key, ("b", 4, 1))], await Bucket.LatestAsync(Bucket.All with { Fields = ["b"] }));
    }

    [Fact]
    public async Task Times_at_the_ends_and_many_fields_are_told()
    {
        var (first, last) = (Some.Key("first"), Some.Key("last"));
        var fields = Enumerable.Range(0, MeasurementBatchWriter.MaxFields).Select(i => ($"f-{i:000}", (object)i)).ToList();
        await Bucket.WriteAsync(first.At(Fixture.Earliest, fields), last.At(long.MaxValue - 1, ("a", 1)));

        await AssertLatestAsync(
            Values(first, [.. fields.Select(field => (field.Item1, field.Item2, Fixture.Earliest))]),
            Values(last, ("a", 1, long.MaxValue - 1)));
    }

    [Fact]
    public async Task Restart_changes_nothing()
    {
        await Bucket.WriteAsync(Key.At(1, ("a", 1), ("b", "x")), Key.At(2, ("a", 2)));

        await Store.RestartAsync();

        await AssertLatestAsync(Values(Key, ("a", 2, 2), ("b", "x", 1)));
    }

    private static LatestValues Values(MeasurementKey key, params IEnumerable<(string Name, object Value, long Time)> fields) =>
        new(key, [.. fields.Select(field => new LatestField(field.Name, Some.ValueOf(field.Value), new Timestamp(field.Time)))]);

    private async Task<IEnumerable<MeasurementKey>> KeysAsync(Application.Measurements.MeasurementFilter filter) =>
        (await Bucket.LatestAsync(filter)).Select(item => item.Key);

    private async Task AssertLatestAsync(params LatestValues[] expected)
    {
        Show.Equal(expected, await Bucket.LatestAsync());
        Show.Equal(expected, await Bucket.LatestAsync(limit: 1));
    }
}
