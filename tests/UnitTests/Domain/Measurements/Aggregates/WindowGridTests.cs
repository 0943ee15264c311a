using CsCheck;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class WindowGridTests
{
    private static readonly Gen<long> Time = Gen.OneOf(
        Gen.Long[-100, 100], Gen.Long, Gen.OneOf(long.MinValue, long.MinValue + 1, long.MaxValue - 1, long.MaxValue, -1L, 0L));

    [Fact]
    public void Windows_follow_each_other_without_a_gap_from_the_one_that_holds_the_start_to_the_one_before_the_end() =>
        Gen.Select(Gen.Long[-300, 300], Gen.Long[0, 200], Gen.Long[1, 70]).Sample((from, count, length) =>
        {
            var grid = Grid(from, from + count, length);
            var starts = grid.Starts().ToList();

            Assert.Equal(grid.Count, starts.Count);
            Assert.Equal(count == 0, starts.Count == 0);
            if (count == 0)
                return;
            Assert.True(starts[0] <= from && from < starts[0] + length);
            Assert.True(starts[^1] < from + count && from + count <= starts[^1] + length);
            Assert.All(starts, start => Assert.Equal(0, start % length));
            Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.Equal(length, pair.Second - pair.First));
        });

    [Fact]
    public void Every_time_lies_in_its_window_up_to_the_ends_of_time() => Gen.Select(Time, Gen.OneOf(Gen.Long[1, 1000], Gen.Long[1, long.MaxValue])).Sample((time, length) =>
    {
        var grid = Grid(long.MinValue, long.MaxValue, length);
        var (start, last) = (grid.StartOf(time), grid.LastOf(time));

        Assert.True(start <= time && time <= last);
        Assert.Equal(start == long.MinValue ? start : (long)(Int128.Abs(start) % length), start == long.MinValue ? start : 0);
        Assert.True((Int128)last - start < length);
        Assert.True(last == long.MaxValue || grid.StartOf(last + 1) == last + 1);
    });

    [Fact]
    public void Without_a_length_the_range_is_one_window()
    {
        var grid = Grid(5, 17, 0);

        Assert.Equal((1, 5, 16), (grid.Count, grid.StartOf(9), grid.LastOf(9)));
        Assert.Equal([5L], grid.Starts());
        Assert.Equal(0, Grid(5, 5, 0).Count);
        Assert.Empty(Grid(5, 5, 0).Starts());
    }

    [Fact]
    public void All_time_has_as_many_windows_as_fit_into_it() =>
        Assert.Equal(18_446_744_073_710, Grid(long.MinValue, long.MaxValue, 1_000_000).Count);

    private static WindowGrid Grid(long from, long to, long length) => new(new TimeRange(new Timestamp(from), new Timestamp(to)), length);
}
