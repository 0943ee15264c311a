using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace IotBackend.Api.Formats;

/// <summary>Reads the number tokens of JSON: short decimals at once, others by the runtime's parser.</summary>
internal static class JsonNumber
{
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
        if (token.Length > ExactDecimal.MaxLength)
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

        return ExactDecimal.TryCompose(mantissa, fractionDigits, isNegative, out value);
    }

    private static bool IsExact(ReadOnlySpan<byte> integer, double value) =>
        BigInteger.Parse(Encoding.ASCII.GetString(integer), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) == new BigInteger(value);
}
