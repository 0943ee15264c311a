using System.Globalization;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Reads the times of query parameters: RFC 3339, integers of Unix milliseconds, <c>now</c>, and relative ones such as <c>-24h</c>.</summary>
internal static class QueryTime
{
    /// <summary>The time of the request.</summary>
    public const string Now = "now";

    private const long NanosecondsPerMinute = 60 * Timestamp.NanosecondsPerSecond;

    public static bool TryParse(string text, Timestamp now, out Timestamp time)
    {
        time = now;
        if (text == Now)
            return true;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return Timestamp.TryFromUnixMilliseconds(milliseconds, out time) || Clamp(milliseconds > 0, out time);
        if (IsRelative(text))
            return TryRelative(text, now, out time);
        return TryAbsolute(text, out time);
    }

    /// <summary>True for a time that moves on with the clock.</summary>
    public static bool IsRelative(string text) => text == Now || (text.Length > 2 && text[0] == '-' && char.IsAsciiLetter(text[^1]));

    private static bool TryRelative(string text, Timestamp now, out Timestamp time)
    {
        time = default;
        long unit = text[^1] switch
        {
            's' => Timestamp.NanosecondsPerSecond,
            'm' => NanosecondsPerMinute,
            'h' => 60 * NanosecondsPerMinute,
            'd' => 24 * 60 * NanosecondsPerMinute,
            'w' => 7 * 24 * 60 * NanosecondsPerMinute,
            _ => 0,
        };
        if (unit == 0 || !long.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var moved = now.Nanoseconds - ((Int128)count * unit);
        time = new Timestamp((long)Int128.Max(moved, long.MinValue));
        return true;
    }

    // A plus sign that was not percent-encoded arrives as a space: the offset of "2026-11-23T20:44:00+01:00" is meant.
    private static bool TryAbsolute(string text, out Timestamp time)
    {
        time = default;
        if (text.Length is < 20 or > 64)
            return false;
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        if (bytes.Length > 6 && bytes[^6] == ' ')
            bytes[^6] = (byte)'+';
        return Rfc3339.TryParse(bytes, out time) switch
        {
            Rfc3339.Outcome.Ok => true,
            Rfc3339.Outcome.OutOfRange => Clamp(bytes[0] >= '2', out time),
            _ => false,
        };
    }

    // Nothing is kept beyond what 64 bits of nanoseconds reach: a range that goes further means all up to there.
    private static bool Clamp(bool isLate, out Timestamp time)
    {
        time = isLate ? Timestamp.MaxValue : Timestamp.MinValue;
        return true;
    }
}
