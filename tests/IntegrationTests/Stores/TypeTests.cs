using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class TypeTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly MeasurementKey Key = Some.Key("d");

    public static TheoryData<object, object> Conflicts => new()
    {
        { 1, true }, { 1, "1" }, { true, 1 }, { true, "true" }, { "1", 1 }, { "true", true }, { "", 0 }, { 0, false },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public async Task Field_keeps_the_type_it_was_first_written_with(object first, object second)
    {
        await Bucket.WriteAsync(Key.At(1, ("v", first)));

        AssertConflict(await Bucket.TryWriteAsync(Key.At(2, ("v", second))), index: 0);

        await Bucket.WriteAsync(Key.At(3, ("v", first)));
        await Bucket.AssertHoldsAsync(Key.At(1, ("v", first)), Key.At(3, ("v", first)));
    }

    [Theory]
    [MemberData(nameof(Conflicts))]
    public async Task Conflict_at_the_very_time_of_a_value_leaves_the_value(object first, object second)
    {
        await Bucket.WriteAsync(Key.At(1, ("v", first)));

        AssertConflict(await Bucket.TryWriteAsync(Key.At(1, ("v", second))), index: 0);

        await Bucket.AssertHoldsAsync(Key.At(1, ("v", first)));
    }

    [Theory]
    [MemberData(nameof(Conflicts))]
    public async Task Within_a_batch_the_first_decides_and_only_the_others_are_refused(object first, object second)
    {
        AssertConflict(await Bucket.TryWriteAsync(Key.At(1, ("v", first)), Key.At(2, ("v", second)), Key.At(3, ("v", first))), index: 1);

        await Bucket.AssertHoldsAsync(Key.At(1, ("v", first)), Key.At(3, ("v", first)));
    }

    [Fact]
    public async Task Type_is_that_of_the_name_whatever_the_device_and_the_tags()
    {
        await Bucket.WriteAsync(Some.Key("a", "m").At(1, ("v", 1)));

        AssertConflict(await Bucket.TryWriteAsync(Some.Key("b", "m").At(1, ("v", "x")), Some.Key("b", "m", ("t", "1")).At(1, ("v", 2))), index: 0);
        AssertConflict(await Bucket.TryWriteAsync(Some.Key("a", "m", ("t", "1")).At(2, ("v", true))), index: 0);
    }

    [Fact]
    public async Task Other_names_and_other_buckets_have_types_of_their_own()
    {
        await Bucket.WriteAsync(Some.Key("d", "m").At(1, ("v", 1)), Some.Key("d", "n").At(1, ("v", "x")), Some.Key("d", "M").At(1, ("v", true), ("V", "y")));
        var other = await Fixture.NewBucketAsync();

        await other.WriteAsync(Some.Key("d", "m").At(1, ("v", "text")));

        await other.AssertHoldsAsync(Some.Key("d", "m").At(1, ("v", "text")));
    }

    [Fact]
    public async Task Refused_measurement_leaves_no_value_and_no_type()
    {
        await Bucket.WriteAsync(Key.At(1, ("v", 1)));

        AssertConflict(await Bucket.TryWriteAsync(Key.At(2, ("a", 1), ("v", "x"), ("z", 1))), index: 0);

        await Bucket.WriteAsync(Key.At(3, ("a", "text"), ("z", true)));
        await Bucket.AssertHoldsAsync(Key.At(1, ("v", 1)), Key.At(3, ("a", "text"), ("z", true)));
    }

    [Fact]
    public async Task Each_conflict_of_a_measurement_is_told()
    {
        await Bucket.WriteAsync(Key.At(1, ("a", 1), ("b", "x"), ("c", true)));

        var faults = await Bucket.TryWriteAsync(Key.At(2, ("c", true)), Key.At(3, ("a", "x"), ("b", 1), ("c", false)));

        Assert.Equal([(1, "fields.a"), (1, "fields.b")], faults.Select(fault => (fault.Index!.Value, fault.Field)).Order());
        Assert.All(faults, fault => Assert.Equal(ErrorCodes.FieldTypeConflict, fault.Code));
        await Bucket.AssertHoldsAsync(Key.At(1, ("a", 1), ("b", "x"), ("c", true)), Key.At(2, ("c", true)));
    }

    [Fact]
    public async Task Batch_of_nothing_but_conflicts_stores_nothing()
    {
        await Bucket.WriteAsync(Key.At(1, ("v", 1)));

        var faults = await Bucket.TryWriteAsync(Enumerable.Range(0, 100).Select(i => Key.At(i, ("v", "x"))));

        Assert.Equal(Enumerable.Range(0, 100), faults.Select(fault => fault.Index!.Value).Order());
        await Bucket.AssertHoldsAsync(Key.At(1, ("v", 1)));
    }

    [Fact]
    public async Task Conflicts_scattered_over_a_large_batch_are_the_only_ones_refused()
    {
        await Bucket.WriteAsync(Key.At(0, ("v", 1)));
        var batch = Enumerable.Range(1, 5_000).Select(i => Key.At(i, ("v", i % 97 == 0 ? "x" : i))).ToList();

        var faults = await Bucket.TryWriteAsync(batch);

        Assert.Equal(Enumerable.Range(1, 5_000).Where(i => i % 97 == 0).Select(i => i - 1), faults.Select(fault => fault.Index!.Value).Order());
        Assert.Equal(5_001 - faults.Count, (await Bucket.ReadAsync()).Count);
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(-8)]
    [InlineData(8)]
    public async Task Type_holds_for_times_far_away(int days)
    {
        var there = Some.Noon + (days * Some.Day);
        await Bucket.WriteAsync(Key.At(there, ("v", 1)));

        AssertConflict(await Bucket.TryWriteAsync(Key.At(Some.Noon, ("v", "x"))), index: 0);
        AssertConflict(await Bucket.TryWriteAsync(Key.At(there + (days * Some.Day), ("v", true))), index: 0);

        await Bucket.WriteAsync(Key.At(Some.Noon, ("v", 2)));
        await Bucket.AssertHoldsAsync(Key.At(there, ("v", 1)), Key.At(Some.Noon, ("v", 2)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-400)]
    public async Task Type_holds_after_a_restart(int days)
    {
        await Bucket.WriteAsync(Key.At(Some.Noon + (days * Some.Day), ("v", 1)));

        await Store.RestartAsync();

        AssertConflict(await Bucket.TryWriteAsync(Key.At(Some.Noon, ("v", "x"))), index: 0);
        await Bucket.WriteAsync(Key.At(Some.Noon, ("v", 2)));
    }

    [Fact]
    public async Task Type_outlives_its_values()
    {
        await Bucket.WriteAsync(Key.At(Some.Noon, ("v", 1)));
        Assert.Equal(1, await Bucket.DeleteAsync());

        AssertConflict(await Bucket.TryWriteAsync(Key.At(Some.Noon, ("v", "x"))), index: 0);
    }

    [Fact]
    public async Task Type_outlives_its_values_and_a_restart()
    {
        await Bucket.WriteAsync(Key.At(Some.Noon, ("v", 1)));
        Assert.Equal(1, await Bucket.DeleteAsync());

        await Store.RestartAsync();

        AssertConflict(await Bucket.TryWriteAsync(Key.At(Some.Noon, ("v", "x"))), index: 0);
    }

    [Fact]
    public async Task Measurements_that_were_refused_before_are_not_stored_and_fix_no_type()
    {
        using var batch = TestBucket.BatchOf([Key.At(1, ("v", "x")), Key.At(2, ("v", 1)), Key.At(3, ("v", 2))]);
        batch.Reject(0, "timestamp", ErrorCodes.BeyondRetention, "Too old.");

        Assert.Equal(WriteOutcome.Stored, (await Measurements.WriteAsync(Bucket.Name, batch, Cancelled)).MustSucceed());

        Assert.Equal(1, batch.RejectedCount);
        await Bucket.AssertHoldsAsync(Key.At(2, ("v", 1)), Key.At(3, ("v", 2)));
    }

    [Fact]
    public async Task Of_writers_who_disagree_one_type_wins_and_the_others_are_refused()
    {
        object[] values = [1, true, "x"];
        for (var round = 0; round < 10; round++)
        {
            var name = $"m-{round}";
            var faults = await Task.WhenAll(values.Select((value, i) =>
                Bucket.TryWriteAsync(Enumerable.Range(0, 20).Select(n => Some.Key($"d-{i}", name).At(Some.Noon + n, ("v", value))))));

            var read = await Bucket.ReadAsync(Bucket.All with { Names = [name] });
            Assert.Equal(20, read.Count);
            Assert.Single(read.Select(item => item.Key.Device).Distinct());
            Assert.Equal([0, 20, 20], faults.Select(some => some.Count).Order());
        }
    }

    private static void AssertConflict(IReadOnlyList<Fault> faults, int index)
    {
        var fault = Assert.Single(faults);
        Assert.Equal((index, "fields.v", ErrorCodes.FieldTypeConflict), (fault.Index, fault.Field, fault.Code));
        Assert.False(string.IsNullOrWhiteSpace(fault.Message));
    }
}
