using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class DeleteTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly Measurement[] Written =
    [
        Some.Key("a", "m", ("t", "1")).At(1, ("x", 1), ("y", 1)),
        Some.Key("a", "m", ("t", "2")).At(1, ("x", 2)),
        Some.Key("a", "n").At(2, ("x", true), ("z", "s")),
        Some.Key("b", "m", ("t", "1")).At(3, ("x", 3)),
        Some.Key("b", "m", ("t", "1")).At(4, ("y", 4)),
        Some.Key("b", "m").At(5, ("x", 5), ("y", 5)),
    ];

    [Fact]
    public async Task Dry_run_counts_and_deletes_nothing()
    {
        await Bucket.WriteAsync(Written);

        Assert.Equal(6, await Bucket.CountAsync());
        Assert.Equal(3, await Bucket.CountAsync(Bucket.Of("b")));

        await Bucket.AssertHoldsAsync(Written);
    }

    [Fact]
    public async Task Deletes_by_device() => await AssertDeletesAsync(All with { Devices = ["a"] }, 0, 1, 2);

    [Fact]
    public async Task Deletes_by_name() => await AssertDeletesAsync(All with { Names = ["n"] }, 2);

    [Fact]
    public async Task Deletes_by_tag() => await AssertDeletesAsync(All with { Tags = [new("t", "1")] }, 0, 3, 4);

    [Fact]
    public async Task Deletes_by_what_is_visible() =>
        await AssertDeletesAsync(All with { Visible = new DeviceSet([DevicePattern.Parse("b*")]) }, 3, 4, 5);

    [Fact]
    public async Task Deletes_by_all_of_it_at_once() =>
        await AssertDeletesAsync(All with { Devices = ["a", "b"], Names = ["m"], Tags = [new("t", "1")], Fields = ["x", "y"] }, 0, 3, 4);

    [Fact]
    public async Task Deletes_all() => await AssertDeletesAsync(All, 0, 1, 2, 3, 4, 5);

    [Fact]
    public async Task Deletes_nothing_where_nothing_is()
    {
        await AssertDeletesAsync(All with { Devices = ["c"] });
        Assert.Equal(0, await Bucket.DeleteAsync(from: 6));
        Assert.Equal(0, await Bucket.DeleteAsync(from: 3, to: 3));
        Assert.Equal(0, await Bucket.DeleteAsync(from: 3, to: 2));
        await Bucket.AssertHoldsAsync(Written);
    }

    [Fact]
    public async Task Deletes_from_the_start_of_a_range_to_before_its_end()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 10, first: 0, step: 1));

        Assert.Equal(4, await Bucket.DeleteAsync(from: 3, to: 7));

        await Bucket.AssertHoldsAsync(Some.Numbers("d", 10, first: 0, step: 1).Where((_, i) => i is < 3 or >= 7));
    }

    [Fact]
    public async Task Deleted_field_goes_and_the_others_stay()
    {
        await Bucket.WriteAsync(Written);

        Assert.Equal(5, await Bucket.DeleteAsync(Bucket.All with { Fields = ["x"] }));

        await Bucket.AssertHoldsAsync(
            Written[0].Key.At(1, ("y", 1)), Written[2].Key.At(2, ("z", "s")), Written[4], Written[5].Key.At(5, ("y", 5)));
    }

    [Fact]
    public async Task Deleted_field_does_not_come_back_with_what_is_written_later()
    {
        var key = Some.Key("d");
        await Bucket.WriteAsync(Enumerable.Range(0, 10).Select(i => key.At(i, ("a", i), ("b", "text"), ("c", true))));
        Assert.Equal(4, await Bucket.DeleteAsync(Bucket.All with { Fields = ["a", "c"] }, from: 2, to: 6));

        await Bucket.WriteAsync(key.At(3, ("c", false)), key.At(4, ("d", 1)));
        await Store.RestartAsync();

        await Bucket.AssertHoldsAsync(Enumerable.Range(0, 10).Select(i => i switch
        {
            3 => key.At(3, ("b", "text"), ("c", false)),
            4 => key.At(4, ("b", "text"), ("d", 1)),
            >= 2 and < 6 => key.At(i, ("b", "text")),
            _ => key.At(i, ("a", i), ("b", "text"), ("c", true)),
        }));
    }

    [Fact]
    public async Task Deletion_leaves_the_values_of_other_fields_to_the_bit()
    {
        double[] values = [-0.0, double.Epsilon, double.MaxValue, 0.1, -1e-300, 9007199254740993];
        var text = "quote \" backslash \\ newline \n end";
        var key = Some.Key("d", "m", ("t", "a,b=c d\\"));
        await Bucket.WriteAsync(values.Select((value, i) => key.At(i, ("gone", 1), ("kept", value), ("text", text), ("flag", false))));

        Assert.Equal(values.Length, await Bucket.DeleteAsync(Bucket.All with { Fields = ["gone"] }));

        await Bucket.AssertHoldsAsync(values.Select((value, i) => key.At(i, ("kept", value), ("text", text), ("flag", false))));
    }

    [Fact]
    public async Task Deleted_twice_is_deleted_once()
    {
        await Bucket.WriteAsync(Written);

        Assert.Equal(6, await Bucket.DeleteAsync());
        Assert.Equal(0, await Bucket.DeleteAsync());
    }

    [Fact]
    public async Task Deleted_stays_deleted_after_restarts()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 100));
        await Store.RestartAsync();
        Assert.Equal(50, await Bucket.DeleteAsync(to: Some.Noon + (50 * Some.Second)));
        Assert.Equal(10, await Bucket.DeleteAsync(from: Some.Noon + (90 * Some.Second)));

        await Store.RestartAsync();

        await Bucket.AssertHoldsAsync(Some.Numbers("d", 100).Skip(50).Take(40));
    }

    [Fact]
    public async Task What_is_written_after_the_deletion_is_there_at_the_same_times_as_well()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 20));
        await Bucket.DeleteAsync();
        var again = Some.Numbers("d", 10).Select(item => Some.Number("d", item.Timestamp.Nanoseconds, 99)).ToList();

        await Bucket.WriteAsync(again);

        await Bucket.AssertHoldsAsync(again);
        await Store.RestartAsync();
        await Bucket.AssertHoldsAsync(again);
    }

    [Fact]
    public async Task Deletion_reaches_over_years_and_values_that_were_rewritten()
    {
        var written = Enumerable.Range(0, 40).Select(i => Some.Number("d", Some.Noon - (i * 90 * Some.Day), i)).ToList();
        await Bucket.WriteAsync(written);
        await Bucket.WriteAsync(written.Where((_, i) => i % 3 == 0).Select(item => Some.Number("d", item.Timestamp.Nanoseconds, -1)));

        Assert.Equal(38, await Bucket.DeleteAsync(from: written[38].Timestamp.Nanoseconds, to: Some.Noon));

        await Bucket.AssertHoldsAsync(Some.Number("d", written[39].Timestamp.Nanoseconds, -1), Some.Number("d", Some.Noon, -1));
    }

    [Fact]
    public async Task Many_measurements_are_deleted_by_field_as_well()
    {
        var key = Some.Key("d");
        await Bucket.WriteAsync(Enumerable.Range(0, 10_000).Select(i => key.At(Some.Noon + i, ("a", i), ("b", i))));
        await Bucket.WriteAsync(Enumerable.Range(10_000, 5_000).Select(i => key.At(Some.Noon + i, ("a", i), ("b", i))));

        Assert.Equal(15_000, await Bucket.DeleteAsync(Bucket.All with { Fields = ["a"] }));

        Assert.Equal(15_000, await Bucket.CountAsync());
        var read = await Bucket.ReadAsync();
        Assert.Equal(Enumerable.Range(0, 15_000).Select(i => (double)i), read.Select(item => Assert.Single(item.Fields).Value.Number));
    }

    [Fact]
    public async Task Deletions_beside_writers_take_only_what_they_name()
    {
        await Bucket.WriteAsync(Some.Numbers("gone", 500));

        await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => Bucket.WriteAsync(Some.Numbers($"kept-{i}", 50)))
                .Append(Task.Run(() => Bucket.DeleteAsync(Bucket.Of("gone")), Cancelled)));

        await Bucket.AssertHoldsAsync(Enumerable.Range(0, 10).SelectMany(i => Some.Numbers($"kept-{i}", 50)));
    }

    private MeasurementFilter All => Bucket.All;

    private async Task AssertDeletesAsync(MeasurementFilter filter, params int[] deleted)
    {
        await Bucket.WriteAsync(Written);
        Assert.Equal(deleted.Length, await Bucket.DeleteAsync(filter));
        await Bucket.AssertHoldsAsync(Written.Where((_, i) => !deleted.Contains(i)));
    }
}
