using System.Buffers.Text;
using System.Globalization;

namespace IotBackend.Api.Formats;

/// <summary>
/// Writes numbers as JSON does, in the shortest form that reads back to the same bits. What sensors send has few decimals: such a number is written
/// as a whole with a point in it, several times faster than the search for the shortest form (benchmark <c>NumberTextBenchmark</c>).
/// </summary>
internal static class NumberText
{
    /// <summary>Length of the longest form.</summary>
    public const int MaxLength = 32;

    private const int MostDecimals = 4;

    // Up to 15 digits, two decimals that differ are two numbers: the one with the fewest digits is the shortest form.
    private const double WholeLimit = 1e15;

    private static readonly double[] Powers = [1, 10, 100, 1_000, 10_000];

    /// <summary>Writes the number and returns the number of bytes; <paramref name="destination"/> holds at least <see cref="MaxLength"/>.</summary>
    public static int Format(double number, Span<byte> destination)
    {
        for (var decimals = 0; decimals <= MostDecimals; decimals++)
        {
            var whole = Math.Round(number * Powers[decimals]);
            if (!(Math.Abs(whole) < WholeLimit))
                break;

            // Zero has a sign of its own, and numbers near it have an exponent.
            if (whole != 0 && whole / Powers[decimals] == number)
                return FormatWhole((long)whole, decimals, destination);
        }

        number.TryFormat(destination, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    private static int FormatWhole(long whole, int decimals, Span<byte> destination)
    {
        if (decimals == 0)
        {
            Utf8Formatter.TryFormat(whole, destination, out var length);
            return length;
        }

        var power = (long)Powers[decimals];
        var start = 0;
        if (whole < 0)
        {
            destination[start++] = (byte)'-';
            whole = -whole;
        }

        var (units, rest) = Math.DivRem(whole, power);
        Utf8Formatter.TryFormat(units, destination[start..], out var digits);
        start += digits;
        destination[start] = (byte)'.';
        for (var i = start + decimals; i > start; i--)
        {
            (rest, var digit) = Math.DivRem(rest, 10);
            destination[i] = (byte)('0' + digit);
        }

        return start + decimals + 1;
    }
}
