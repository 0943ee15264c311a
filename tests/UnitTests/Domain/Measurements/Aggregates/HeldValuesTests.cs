using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class HeldValuesTests
{
    private const int Most = 100;

    private readonly HeldValues _held = new(Most);

    [Theory]
    [InlineData(AggregateFunction.Median)]
    [InlineData(AggregateFunction.P95)]
    public void Window_holds_as_many_values_as_there_may_be_and_not_one_more(AggregateFunction function)
    {
        var windows = Windows(function);
        for (var i = 0; i < Most; i++)
            windows.Add(i, i);
        Assert.False(_held.AreTooMany);

        windows.Add(Most - 1, 1);
        Assert.True(_held.AreTooMany);
    }

    [Fact]
    public void Values_of_a_window_that_has_ended_are_held_no_more()
    {
        var windows = Windows(AggregateFunction.Median);
        for (var i = 0; i < 10 * Most; i++)
            windows.Add(i, i);
        Assert.Equal(10, windows.Complete().Count);
        Assert.False(_held.AreTooMany);
    }

    [Fact]
    public void Windows_of_several_series_share_what_there_may_be()
    {
        var (one, other) = (Windows(AggregateFunction.Median), Windows(AggregateFunction.P95));
        for (var i = 0; i < Most / 2; i++)
        {
            one.Add(i, i);
            other.Add(i, i);
        }

        Assert.False(_held.AreTooMany);
        one.Complete();
        for (var i = Most / 2; i < Most; i++)
            other.Add(i, i);
        Assert.False(_held.AreTooMany);

        Windows(AggregateFunction.Median).Add(0, 0);
        Assert.True(_held.AreTooMany);
    }

    [Fact]
    public void Functions_that_need_no_values_hold_none()
    {
        var windows = new SeriesWindows(Grid, [.. Enum.GetValues<AggregateFunction>().Except([AggregateFunction.Median, AggregateFunction.P95])], _held);
        for (var i = 0; i <= Most; i++)
            windows.Add(0, i);
        Assert.False(_held.AreTooMany);
    }

    private static WindowGrid Grid => new(new TimeRange(new Timestamp(0), new Timestamp(1_000_000)), Most);

    private SeriesWindows Windows(AggregateFunction function) => new(new WindowGrid(Grid.Range, function == AggregateFunction.Median ? Most : 0), [function], _held);
}
