using System.Globalization;

namespace IotBackend.Api.Formats;

/// <summary>
/// Makes floats of short decimals, exact as one division of two floats that are exact themselves (W. D. Clinger, "How to read floating point numbers
/// accurately", 1990), which most sensor values are.
/// </summary>
internal static class ExactDecimal
{
    /// <summary>The most bytes that a short decimal has, so that its digits fit into 64 bits and its power of ten is exact.</summary>
    public const int MaxLength = 18;

    private const ulong LargestExactMantissa = 1UL << 53;
    private const int LargestExactPower = 22;

    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, LargestExactPower + 1).Select(e => double.Parse($"1e{e}", CultureInfo.InvariantCulture))];

    /// <summary>False when the mantissa is too large to be exact.</summary>
    public static bool TryCompose(ulong mantissa, int fractionDigits, bool isNegative, out double value)
    {
        value = 0;
        if (mantissa > LargestExactMantissa)
            return false;
        value = mantissa / PowersOfTen[fractionDigits];
        if (isNegative)
            value = -value;
        return true;
    }
}
