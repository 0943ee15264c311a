using System.Buffers.Text;
using System.Globalization;

namespace IotBackend.Api.Formats;

/// <summary>Reads the numbers of line protocol: floats, and integers with the suffix <c>i</c> or <c>u</c>.</summary>
internal static class LineNumber
{
    private const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public enum Outcome
    {
        Ok,
        Malformed,
        OutOfRange,
        IntegerOutOfRange,
    }

    /// <param name="token">Any bytes.</param>
    /// <param name="value">The nearest 64-bit float; of an integer, its very value.</param>
    public static Outcome TryRead(ReadOnlySpan<byte> token, out double value)
    {
        value = 0;
        if (token.IsEmpty)
            return Outcome.Malformed;
        if (token[^1] is (byte)'i' or (byte)'u')
            return ReadInteger(token[..^1], token[^1] == 'u', out value);
        return TryReadShort(token, out value) ? Outcome.Ok : ReadLong(token, out value);
    }

    private static bool TryReadShort(ReadOnlySpan<byte> token, out double value)
    {
        value = 0;
        if (token.Length > ExactDecimal.MaxLength)
            return false;
        ulong mantissa = 0;
        var (digits, fractionDigits, points) = (0, 0, 0);
        var isNegative = token[0] == '-';
        for (var i = isNegative ? 1 : 0; i < token.Length; i++)
        {
            var digit = (uint)(token[i] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                digits++;
                fractionDigits += points;
            }
            else if (token[i] != '.' || ++points > 1)
            {
                return false;
            }
        }

        return digits > 0 && ExactDecimal.TryCompose(mantissa, fractionDigits, isNegative, out value);
    }

    // The runtime's parser also takes words for what is no number, and for what has no end; those begin with letters.
    private static Outcome ReadLong(ReadOnlySpan<byte> token, out double value)
    {
        value = 0;
        var first = token[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        if (first == token.Length || !(char.IsAsciiDigit((char)token[first]) || token[first] == '.'))
            return Outcome.Malformed;
        if (!double.TryParse(token, Float, CultureInfo.InvariantCulture, out value))
            return Outcome.Malformed;
        return double.IsFinite(value) ? Outcome.Ok : Outcome.OutOfRange;
    }

    private static Outcome ReadInteger(ReadOnlySpan<byte> digits, bool isUnsigned, out double value)
    {
        value = 0;
        var unsigned = digits.StartsWith("-"u8) && !isUnsigned ? digits[1..] : digits;
        if (unsigned.IsEmpty || unsigned.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return Outcome.Malformed;
        return isUnsigned ? ReadUnsigned(digits, out value) : ReadSigned(digits, out value);
    }

    private static Outcome ReadSigned(ReadOnlySpan<byte> digits, out double value)
    {
        value = 0;
        if (!Utf8Parser.TryParse(digits, out long integer, out _))
            return Outcome.IntegerOutOfRange;
        value = integer;
        return (Int128)value == integer ? Outcome.Ok : Outcome.IntegerOutOfRange;
    }

    private static Outcome ReadUnsigned(ReadOnlySpan<byte> digits, out double value)
    {
        value = 0;
        if (!Utf8Parser.TryParse(digits, out ulong integer, out _))
            return Outcome.IntegerOutOfRange;
        value = integer;
        return (UInt128)value == integer ? Outcome.Ok : Outcome.IntegerOutOfRange;
    }
}
