using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class TimestampTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_795_466_640_125, 1_795_466_640_125_000_000)]
    [InlineData(-1, -1_000_000)]
    [InlineData(9_223_372_036_854, 9_223_372_036_854_000_000)]
    [InlineData(-9_223_372_036_854, -9_223_372_036_854_000_000)]
    public void Unix_milliseconds_become_nanoseconds(long milliseconds, long nanoseconds)
    {
        Assert.True(Timestamp.TryFromUnixMilliseconds(milliseconds, out var timestamp));
        Assert.Equal(nanoseconds, timestamp.Nanoseconds);
    }

    [Theory]
    [InlineData(9_223_372_036_855)]
    [InlineData(-9_223_372_036_855)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Unix_milliseconds_beyond_the_range_are_refused(long milliseconds)
    {
        Assert.False(Timestamp.TryFromUnixMilliseconds(milliseconds, out var timestamp));
        Assert.Equal(default, timestamp);
    }

    [Fact]
    public void A_framework_time_keeps_its_ticks_and_loses_its_offset()
    {
        var time = new DateTimeOffset(2026, 11, 23, 21, 44, 0, TimeSpan.FromHours(1)).AddTicks(7);

        Assert.Equal("2026-11-23T20:44:00.0000007Z", Timestamp.From(time).ToString());
    }

    [Fact]
    public void A_framework_time_beyond_the_range_throws()
    {
        Assert.Throws<OverflowException>(() => Timestamp.From(DateTimeOffset.MaxValue));
        Assert.Throws<OverflowException>(() => Timestamp.From(DateTimeOffset.MinValue));
    }

    [Fact]
    public void Order_is_that_of_the_nanoseconds() => Gen.Select(Gen.Long, Gen.Long).Sample((a, b) =>
    {
        var (x, y) = (new Timestamp(a), new Timestamp(b));
        Assert.Equal(a.CompareTo(b), x.CompareTo(y));
        Assert.Equal(a < b, x < y);
        Assert.Equal(a > b, x > y);
        Assert.Equal(a <= b, x <= y);
        Assert.Equal(a >= b, x >= y);
    });

    [Fact]
    public void A_range_holds_its_start_and_not_its_end()
    {
        var range = new TimeRange(new Timestamp(10), new Timestamp(20));

        Assert.False(range.Contains(new Timestamp(9)));
        Assert.True(range.Contains(new Timestamp(10)));
        Assert.True(range.Contains(new Timestamp(19)));
        Assert.False(range.Contains(new Timestamp(20)));
    }

    [Theory]
    [InlineData(10, 11, false)]
    [InlineData(10, 10, true)]
    [InlineData(10, 9, true)]
    public void A_range_that_holds_no_time_is_empty(long from, long to, bool isEmpty) =>
        Assert.Equal(isEmpty, new TimeRange(new Timestamp(from), new Timestamp(to)).IsEmpty);

    [Theory]
    [InlineData(9, 10, 20)]
    [InlineData(10, 10, 20)]
    [InlineData(11, 11, 20)]
    [InlineData(19, 19, 20)]
    [InlineData(20, 20, 20)]
    [InlineData(21, 20, 20)]
    public void A_range_is_cut_at_what_is_too_old(long oldest, long from, long to) => Assert.Equal(
        new TimeRange(new Timestamp(from), new Timestamp(to)),
        new TimeRange(new Timestamp(10), new Timestamp(20)).NotBefore(new Timestamp(oldest)));
}
