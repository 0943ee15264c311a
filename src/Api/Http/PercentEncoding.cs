using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace IotBackend.Api.Http;

/// <summary>Percent-encoding of RFC 3986, of UTF-8.</summary>
internal static class PercentEncoding
{
    private const int EscapeLength = 3;

    /// <summary>Null when the text is not ASCII, has a <c>%</c> without two hexadecimal digits, or encodes no UTF-8.</summary>
    public static string? TryDecode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        var length = 0;
        while (!text.IsEmpty)
        {
            var isEscape = text[0] == '%';
            if (isEscape ? !TryEscape(text, out bytes[length]) : !char.IsAscii(text[0]))
                return null;
            if (!isEscape)
                bytes[length] = (byte)text[0];
            length++;
            text = text[(isEscape ? EscapeLength : 1)..];
        }

        return Utf8.IsValid(bytes.AsSpan(..length)) ? Encoding.UTF8.GetString(bytes.AsSpan(..length)) : null;
    }

    private static bool TryEscape(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        return text.Length >= EscapeLength
            && byte.TryParse(text[1..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
