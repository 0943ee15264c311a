using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class RewriteTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly MeasurementKey Key = Some.Key("d", "m", ("t", "v"));

    [Fact]
    public async Task Value_that_is_written_again_is_one_value_the_last_one()
    {
        await Bucket.WriteAsync(Key.At(1, ("a", 1), ("b", "x"), ("c", true)));
        await Bucket.WriteAsync(Key.At(1, ("a", 2), ("b", ""), ("c", false)));

        await Bucket.AssertHoldsAsync(Key.At(1, ("a", 2), ("b", ""), ("c", false)));
        Assert.Equal(1, await Bucket.CountAsync());
    }

    [Fact]
    public async Task Same_thing_written_often_is_one_thing()
    {
        for (var i = 0; i < 5; i++)
            await Bucket.WriteAsync(Key.At(1, ("a", 1)));

        await Bucket.AssertHoldsAsync(Key.At(1, ("a", 1)));
    }

    [Fact]
    public async Task Other_fields_join_those_that_are_there()
    {
        await Bucket.WriteAsync(Key.At(1, ("b", 1), ("c", 1)));
        await Bucket.WriteAsync(Key.At(1, ("a", 2), ("c", 2)));

        await Bucket.AssertHoldsAsync(Key.At(1, ("a", 2), ("b", 1), ("c", 2)));
    }

    [Fact]
    public async Task Within_a_batch_the_last_wins_and_fields_join()
    {
        await Bucket.WriteAsync(Key.At(1, ("a", 1), ("b", 1)), Key.At(2, ("a", 5)), Key.At(1, ("a", 2)), Key.At(1, ("a", 3), ("c", 3)));

        await Bucket.AssertHoldsAsync(Key.At(1, ("a", 3), ("b", 1), ("c", 3)), Key.At(2, ("a", 5)));
    }

    [Fact]
    public async Task Thousand_rewrites_in_a_batch_leave_the_last()
    {
        await Bucket.WriteAsync(Enumerable.Range(0, 2_000).Select(i => Key.At(i % 2, ("a", i), ($"f{i % 10}", i))));

        var read = await Bucket.ReadAsync();
        Assert.Equal([1998, 1999], read.Select(item => item.Fields.Single(field => field.Name == "a").Value.Number));
        Assert.All(read, item => Assert.Equal(6, item.Fields.Count));
    }

    [Fact]
    public async Task Other_tags_are_another_key()
    {
        var keys = new[] { Some.Key("d", "m"), Some.Key("d", "m", ("t", "v")), Some.Key("d", "m", ("t", "w")), Some.Key("d", "m", ("t", "v"), ("u", "v")) };
        await Bucket.WriteAsync(keys.Select((key, i) => key.At(1, ("a", i))));
        await Bucket.WriteAsync(keys[1].At(1, ("a", 10)));

        await Bucket.AssertHoldsAsync(keys[0].At(1, ("a", 0)), keys[1].At(1, ("a", 10)), keys[2].At(1, ("a", 2)), keys[3].At(1, ("a", 3)));
    }

    [Fact]
    public async Task Order_of_tags_does_not_matter()
    {
        await Bucket.WriteAsync(Some.Key("d", "m", ("a", "1"), ("b", "2")).At(1, ("v", 1)));
        await Bucket.WriteAsync(Some.Key("d", "m", ("b", "2"), ("a", "1")).At(1, ("v", 2)));

        await Bucket.AssertHoldsAsync(Some.Key("d", "m", ("a", "1"), ("b", "2")).At(1, ("v", 2)));
    }

    [Fact]
    public async Task Rewrites_count_after_a_restart_as_well()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 100));
        await Store.RestartAsync();

        await Bucket.WriteAsync(Enumerable.Range(0, 50).Select(i => Some.Number("d", Some.Noon + (2 * i * Some.Second), -i)));
        await Store.RestartAsync();

        var read = await Bucket.ReadAsync();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? -i / 2.0 : i), read.Select(item => item.Fields[0].Value.Number));
    }
}
