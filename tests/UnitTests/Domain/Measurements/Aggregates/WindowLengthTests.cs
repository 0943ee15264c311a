using IotBackend.Domain.Measurements.Aggregates;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements.Aggregates;

public sealed class WindowLengthTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData("1ms", 1_000_000)]
    [InlineData("10s", 10 * Second)]
    [InlineData("5m", 300 * Second)]
    [InlineData("1h", 3_600 * Second)]
    [InlineData("01d", 86_400 * Second)]
    [InlineData("2w", 1_209_600 * Second)]
    [InlineData("9223372036s", 9_223_372_036 * Second)]
    public void Length_is_a_number_and_a_unit(string text, long nanoseconds)
    {
        Assert.Equal(nanoseconds, WindowLength.TryParse(text)!.Value.Nanoseconds);
        Assert.Equal(text, WindowLength.TryParse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("1.5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5us")]
    [InlineData("1h30m")]
    [InlineData("9223372037s")]
    [InlineData("99999999999999999999s")]
    [InlineData("٣s")]
    public void Anything_else_is_none(string text) => Assert.Null(WindowLength.TryParse(text));
}
