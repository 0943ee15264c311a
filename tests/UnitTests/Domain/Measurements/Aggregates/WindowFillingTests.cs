using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class WindowFillingTests
{
    private static readonly AggregateFunction[] Functions = [AggregateFunction.Mean, AggregateFunction.Count];
    private static readonly WindowGrid Grid = new(new TimeRange(new Timestamp(-5), new Timestamp(61)), 10);
    private static readonly WindowPoint[] Points = [new(0, [1, 7]), new(40, [3, 2])];

    // As InfluxDB 1.6.7 answers: a count on a line is a whole number, rounded down.
    [Theory]
    [InlineData(WindowFill.None, "0:1/7 40:3/2")]
    [InlineData(WindowFill.Null, "-10:-/0 0:1/7 10:-/0 20:-/0 30:-/0 40:3/2 50:-/0 60:-/0")]
    [InlineData(WindowFill.Previous, "-10:-/- 0:1/7 10:1/7 20:1/7 30:1/7 40:3/2 50:3/2 60:3/2")]
    [InlineData(WindowFill.Linear, "-10:-/- 0:1/7 10:1.5/5 20:2/4 30:2.5/3 40:3/2 50:-/- 60:-/-")]
    public void Windows_without_values_are_filled(WindowFill fill, string expected) =>
        Assert.Equal(expected, string.Join(' ', WindowFilling.Fill(Points, Grid, Functions, fill).Select(Show)));

    [Theory]
    [InlineData(WindowFill.Null)]
    [InlineData(WindowFill.Previous)]
    [InlineData(WindowFill.Linear)]
    public void Nothing_is_made_of_nothing(WindowFill fill) => Assert.Empty(WindowFilling.Fill([], Grid, Functions, fill));

    [Fact]
    public void Value_that_is_none_stays_none_and_gives_none_to_its_neighbours()
    {
        WindowPoint[] points = [new(0, [double.NaN, 1]), new(20, [3, 1])];
        var grid = new WindowGrid(new TimeRange(new Timestamp(0), new Timestamp(30)), 10);

        Assert.Equal("0:-/1 10:-/1 20:3/1", string.Join(' ', WindowFilling.Fill(points, grid, Functions, WindowFill.Linear).Select(Show)));
        Assert.Equal("0:-/1 10:-/1 20:3/1", string.Join(' ', WindowFilling.Fill(points, grid, Functions, WindowFill.Previous).Select(Show)));
    }

    private static string Show(WindowPoint point) => FormattableString.Invariant($"{point.Start}:{Show(point.Values[0])}/{Show(point.Values[1])}");

    private static string Show(double value) => double.IsNaN(value) ? "-" : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
