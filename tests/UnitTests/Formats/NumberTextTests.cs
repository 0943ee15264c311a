using System.Globalization;
using System.Text;
using CsCheck;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>Every number is written as the runtime writes its shortest form.</summary>
public sealed class NumberTextTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(21.4, "21.4")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1E-05")]
    [InlineData(1013.0625, "1013.0625")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(100.05, "100.05")]
    [InlineData(-7.0, "-7")]
    [InlineData(999_999_999_999_999.0, "999999999999999")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(1e300, "1E+300")]
    [InlineData(99_999_999_999.9999, "99999999999.9999")]
    [InlineData(999_999_999_999.9999, "999999999999.9999")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.Epsilon, "5E-324")]
    public void Number_has_its_shortest_form(double number, string text) => Assert.Equal(text, Format(number));

    [Fact]
    public void Any_number_is_written_as_the_runtime_does() =>
        Gen.Double.Sample(number => Format(number) == number.ToString(CultureInfo.InvariantCulture), iter: 200_000);

    [Fact]
    public void Number_of_few_decimals_is_written_as_the_runtime_does() => Gen.Select(Gen.Long[-9_999_999_999_999_999, 9_999_999_999_999_999], Gen.Int[0, 6], Gen.Int[0, 15])
        .Sample((whole, decimals, shorter) =>
        {
            var number = whole / (long)Math.Pow(10, shorter) / Math.Pow(10, decimals);
            return Format(number) == number.ToString(CultureInfo.InvariantCulture);
        }, iter: 200_000);

    private static string Format(double number)
    {
        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        return Encoding.ASCII.GetString(text[..NumberText.Format(number, text)]);
    }
}
