using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0s", null)]
    [InlineData("0", null)]
    [InlineData("1h0m0s", 1)]
    [InlineData("168h0m0s", 168)]
    [InlineData("1h0m1s", 2)]
    [InlineData("1h30m0.5s", 2)]
    [InlineData("2w", 336)]
    [InlineData("7d", 168)]
    [InlineData("2562047h47m16s", 876_000)]
    public void Durations_become_hours(string text, int? hours) => Assert.Equal(hours, GoDuration.ToRetention(text).Hours);

    [Fact]
    public void What_is_no_duration_is_refused() => Assert.Throws<InfluxDbException>(() => GoDuration.ToRetention("soon"));
}
