using CsCheck;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class FittingWindowTests
{
    private const long Second = Timestamp.NanosecondsPerSecond;

    [Theory]
    [InlineData(50_000, 1, "2s")]
    [InlineData(49_999, 1, "1s")]
    [InlineData(86_400, 10, "30s")]
    [InlineData(86_400, 25_000, "1d")]
    [InlineData(86_400, 25_001, null)]
    public void Shortest_usual_length_that_fits_wherever_the_range_begins_is_found(long seconds, long series, string? expected) =>
        Assert.Equal(expected, FittingWindow.Find(Range(0, seconds * Second), series, 50_000)?.ToString());

    [Fact]
    public void What_is_found_fits() => Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Long[1, 1_000_000_000], Gen.Long[1, 1_000], Gen.Long[1_000, 50_000]).Sample((from, length, series, most) =>
    {
        var range = Range(from * Second, (from + length) * Second);
        if (FittingWindow.Find(range, series, most) is { } window)
            Assert.InRange(new WindowGrid(range, window.Nanoseconds).Count * series, 1, most);
        else
            Assert.True(2 * series > most);
    });

    [Fact]
    public void All_time_fits() => Assert.NotNull(FittingWindow.Find(new TimeRange(Timestamp.MinValue, Timestamp.MaxValue), 100, 50_000));

    private static TimeRange Range(long from, long to) => new(new Timestamp(from), new Timestamp(to));
}
