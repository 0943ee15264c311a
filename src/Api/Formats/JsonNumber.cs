using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace IotBackend.Api.Formats;

/// <summary>
/// Reads the number tokens of JSON. A short decimal is exact as one multiplication or division of two floats that are exact themselves
/// (W. D. Clinger, "How to read floating point numbers accurately", 1990), which most sensor values are; others take the runtime's parser.
/// </summary>
internal static class JsonNumber
{
    private const ulong LargestExactMantissa = 1UL << 53;
    private const int LargestExactPower = 22;

    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, LargestExactPower + 1).Select(e => double.Parse($"1e{e}", CultureInfo.InvariantCulture))];

    public enum Outcome
    {
        Ok,
        OutOfRange,
        IntegerOutOfRange,
    }

    /// <param name="token">A number that is valid JSON.</param>
    /// <param name="value">The nearest 64-bit float.</param>
    /// <returns>Whether a float can hold it: not when it is infinite, nor when it is an integer that would be rounded.</returns>
    public static Outcome TryRead(ReadOnlySpan<byte> token, out double value)
    {
        if (TryReadShort(token, out value))
            return Outcome.Ok;
        if (!Utf8Parser.TryParse(token, out value, out _) || !double.IsFinite(value))
            return Outcome.OutOfRange;
        return token.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 && !IsExact(token, value) ? Outcome.IntegerOutOfRange : Outcome.Ok;
    }

    private static bool TryReadShort(ReadOnlySpan<byte> token, out double value)
    {
        value = 0;
        const int longest = 18;
        if (token.Length > longest)
            return false;
        var isNegative = token[0] == '-';
        ulong mantissa = 0;
        var fractionDigits = 0;
        var seenPoint = 0;
        for (var i = isNegative ? 1 : 0; i < token.Length; i++)
        {
            var digit = (uint)(token[i] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                fractionDigits += seenPoint;
            }
            else if (token[i] == '.')
            {
                seenPoint = 1;
            }
            else
            {
                return false;
            }
        }

        if (mantissa > LargestExactMantissa)
            return false;
        value = mantissa / PowersOfTen[fractionDigits];
        if (isNegative)
            value = -value;
        return true;
    }

    private static bool IsExact(ReadOnlySpan<byte> integer, double value) =>
        BigInteger.Parse(Encoding.ASCII.GetString(integer), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) == new BigInteger(value);
}
