using IotBackend.Application.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class TimeTests(StoreFixture fixture) : StoreTests(fixture)
{
    /// <summary>Where groups of time may begin in a store: of a second, an hour, a day, a week that begins on a Thursday, and at the epoch.</summary>
    public static TheoryData<long> Borders => [0, Some.Second, Some.Hour, Some.Day, 7 * Some.Day, -7 * Some.Day, Some.Noon - (12 * Some.Hour), Some.Noon];

    public static TheoryData<long> Extremes => [long.MinValue, long.MinValue + 1, long.MaxValue];

    [Theory]
    [MemberData(nameof(Borders))]
    public async Task Neighbours_of_a_nanosecond_are_apart(long border)
    {
        var written = Enumerable.Range(-3, 7).Select(i => Some.Number("d", border + i, i)).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        foreach (var item in written)
        {
            var time = item.Timestamp.Nanoseconds;
            Show.Equal([item], await Bucket.ReadAsync(from: time, to: time + 1));
        }

        Show.Equal(written.Skip(3), await Bucket.ReadAsync(from: border));
        Show.Equal(written.Take(3), await Bucket.ReadAsync(to: border));
    }

    [Fact]
    public async Task Times_before_1970_are_times_like_others()
    {
        var written = new[] { -200 * 365 * Some.Day, -Some.Day, -Some.Second, -1, 0, 1 }.Select(time => Some.Number("d", time)).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal(written[1..4], await Bucket.ReadAsync(from: -Some.Day, to: 0));
        Show.Equal([written[0]], (await Bucket.ReadPageAsync(order: SortOrder.Descending, limit: 1, to: -Some.Day)).Items);
        Assert.Equal(3, await Bucket.DeleteAsync(from: -Some.Day, to: 0));
    }

    [Fact]
    public async Task Times_at_the_ends_of_what_can_be_kept_are_kept()
    {
        var (first, last) = (Fixture.Earliest, long.MaxValue - 1);
        var written = new[] { first, first + 1, last - 1, last }.Select(time => Some.Number("d", time)).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal(written[..1], await Bucket.ReadAsync(to: first + 1));
        Show.Equal(written[3..], await Bucket.ReadAsync(from: last));
        Show.Equal(written[1..3], await Bucket.ReadAsync(from: first + 1, to: last));
        Assert.Equal(last, Assert.Single(await Bucket.LatestAsync()).Fields[0].Timestamp.Nanoseconds);
        Assert.Equal(1, await Bucket.DeleteAsync(to: first + 1));
        Assert.Equal(1, await Bucket.DeleteAsync(from: last));
        await Bucket.AssertHoldsAsync(written[1..3]);
    }

    [Theory]
    [MemberData(nameof(Extremes))]
    public async Task Time_beyond_the_ends_is_refused_alone_and_any_other_is_kept(long time)
    {
        var faults = await Bucket.TryWriteAsync(Some.Number("a", 1), Some.Number("b", time), Some.Number("c", 2));

        string[] kept = time >= Fixture.Earliest && time <= Fixture.Latest ? ["a", "b", "c"] : ["a", "c"];
        Assert.Equal(kept, (await Bucket.LatestAsync()).Select(item => item.Key.Device));
        if (kept.Length == 3)
            Assert.Empty(faults);
        else
            Assert.Equal((1, "timestamp", ErrorCodes.TimestampOutOfRange), (faults[0].Index, faults[0].Field, faults[0].Code));
        Assert.Equal(2, (await Bucket.ReadAsync(from: 0, to: 10)).Count);
    }

    [Fact]
    public async Task Late_data_takes_its_place()
    {
        var written = Enumerable.Range(0, 60).Select(i => Some.Number($"d-{i % 3}", Some.Noon - (i * i * Some.Hour), i)).ToList();
        foreach (var late in written.Chunk(7))
            await Bucket.WriteAsync(late);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal(written.OrderByDescending(TestBucket.PositionOf), await Bucket.ReadAsync(order: SortOrder.Descending, limit: 11));
    }

    [Fact]
    public async Task Years_of_data_are_one_row_of_data()
    {
        var written = Enumerable.Range(0, 260).Select(i => Some.Number("d", Some.Noon - (i * 28 * Some.Day), i)).Reverse().ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal(written, await Bucket.ReadAsync(limit: 100));
        Show.Equal(written[^1..], (await Bucket.ReadPageAsync(order: SortOrder.Descending, limit: 1)).Items);
        Show.Equal(written[..1], (await Bucket.ReadPageAsync(limit: 1)).Items);
    }
}
