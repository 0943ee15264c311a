using IotBackend.Simulator.Sending;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class LatenciesTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(95, 95)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(99.5, 100)]
    [InlineData(0.1, 1)]
    public void Percentile_is_the_nearest_rank(double percent, int milliseconds)
    {
        var latencies = new Latencies();
        foreach (var value in Enumerable.Range(1, 100).Reverse())
            latencies.Add(TimeSpan.FromMilliseconds(value));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), latencies.Percentile(percent));
    }

    [Fact]
    public void Median_of_three_is_the_middle_one()
    {
        var latencies = new Latencies();
        foreach (var value in new[] { 30, 10, 20 })
            latencies.Add(TimeSpan.FromMilliseconds(value));

        Assert.Equal(TimeSpan.FromMilliseconds(20), latencies.Percentile(50));
    }

    [Fact]
    public void Nothing_measured_is_zero() => Assert.Equal(TimeSpan.Zero, new Latencies().Percentile(99));
}
