using CsCheck;
using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class WindowAccumulatorTests
{
    private static readonly AggregateFunction[] All = Enum.GetValues<AggregateFunction>();

    private static readonly AggregateFunction[] Summed =
        [AggregateFunction.Mean, AggregateFunction.Min, AggregateFunction.Max, AggregateFunction.Sum, AggregateFunction.Count, AggregateFunction.Last];

    private static HeldValues NoBound => new(long.MaxValue);

    [Fact]
    public void Values_give_what_exact_arithmetic_gives() =>
        Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Double[1e9, 1e9 + 1e-3], Gen.Int[-50, 50].Select(whole => whole / 10.0), Gen.Double[-1e-9, 1e-9]).Array[1, 300].Sample(values =>
        {
            var window = new WindowAccumulator(All, NoBound);
            foreach (var value in values)
                window.Add(value);
            AssertGood(All, values, window.Take());
        });

    [Fact]
    public void Window_begins_anew_when_it_was_taken()
    {
        var window = new WindowAccumulator(All, NoBound);
        window.Add(1e300);
        window.Add(5);
        window.Take();

        window.Add(-2);
        AssertGood(All, [-2], window.Take());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(9, 9)]
    [InlineData(10, 10)]
    [InlineData(11, 10)]
    [InlineData(20, 19)]
    [InlineData(29, 28)]
    [InlineData(30, 29)]
    [InlineData(100, 95)]
    public void Percentile_is_the_value_at_the_nearest_rank(int count, int expected)
    {
        var window = new WindowAccumulator([AggregateFunction.P95], NoBound);
        for (var value = count; value > 0; value--)
            window.Add(value);

        Assert.Equal([(double)expected], window.Take());
    }

    [Fact]
    public void Summaries_give_what_their_values_give_or_tell_that_they_do_not() =>
        Gen.OneOf(Gen.Double[0, 1e6], Gen.Double[-1e3, 1e3], Gen.Int[-50, 50].Select(whole => whole / 10.0)).Array[1, 256].Array[1, 6].Sample(chunks =>
        {
            var window = new WindowAccumulator(Summed, NoBound);
            Assert.True(window.TakesSummaries);
            foreach (var chunk in chunks)
                window.Add(Summarize(chunk));
            if (window.IsPrecise)
                AssertGood(Summed, [.. chunks.SelectMany(chunk => chunk)], window.Take());
            else
                Assert.Contains(chunks, chunk => chunk.Any(value => value <= 0));
        });

    [Fact]
    public void Summary_of_values_that_cancel_out_is_not_trusted()
    {
        var window = new WindowAccumulator([AggregateFunction.Sum], NoBound);
        window.Add(new WindowSummary(2, 1e9, 4e8, 6e8, 4e8));
        Assert.True(window.IsPrecise);
        window.Add(new WindowSummary(2, -1e9 + 1e-6, -6e8, -4e8, -4e8));
        Assert.False(window.IsPrecise);
    }

    [Theory]
    [InlineData(AggregateFunction.First)]
    [InlineData(AggregateFunction.Median)]
    [InlineData(AggregateFunction.P95)]
    [InlineData(AggregateFunction.StandardDeviation)]
    public void What_needs_the_values_takes_no_summaries(AggregateFunction function) =>
        Assert.False(new WindowAccumulator([AggregateFunction.Mean, function], NoBound).TakesSummaries);

    private static WindowSummary Summarize(double[] values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return new WindowSummary(values.Length, sum, values.Min(), values.Max(), values[^1]);
    }

    private static void AssertGood(AggregateFunction[] functions, double[] values, double[] told) =>
        Assert.Empty(functions.Select((function, i) => NaiveAggregates.Judge(function, values, told[i])).OfType<string>());
}
