using System.Numerics;
using CsCheck;
using IotBackend.Application.Caching;
using IotBackend.Domain.Measurements;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

public sealed class DaySlicesTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(0, Day, 1)]
    [InlineData(0, Day + 1, 2)]
    [InlineData(-1, 1, 2)]
    [InlineData(-Day, 0, 1)]
    [InlineData(Day / 2, 63 * Day, 63)]
    [InlineData(0, 64 * Day, 64)]
    [InlineData(long.MinValue, long.MaxValue, 64)]
    public void Range_has_a_slice_for_each_day_that_it_touches_up_to_all(long from, long to, int slices) =>
        Assert.Equal(slices, BitOperations.PopCount(DaySlices.Of(Range(from, to))));

    [Fact]
    public void Time_within_a_range_lies_in_one_of_its_slices() => Gen.Select(Gen.Long, Gen.Long, Gen.Long).Sample((a, b, c) =>
    {
        long[] times = [a, b, c];
        Array.Sort(times);
        if (times[1] < times[2])
            Assert.NotEqual(0UL, DaySlices.Of(new Timestamp(times[1])) & DaySlices.Of(Range(times[0], times[2])));
    });

    private static TimeRange Range(long from, long to) => new(new Timestamp(from), new Timestamp(to));
}
