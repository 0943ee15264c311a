namespace IotBackend.Domain.Measurements;

/// <summary>Reads and writes RFC 3339 times with up to nine fraction digits over UTF-8, without allocating.</summary>
public static class Rfc3339
{
    /// <summary>Length of the longest form that <see cref="Format"/> writes: <c>2026-11-23T20:44:00.123456789Z</c>.</summary>
    public const int MaxLength = 30;

    private const int MaxFractionDigits = 9;
    private const long SecondsPerDay = 86_400;

    /// <summary>Why a text is not a time that can be kept.</summary>
    public enum Outcome
    {
        Ok,
        Malformed,
        OutOfRange,
    }

    /// <summary>Reads <c>2026-11-23T20:44:00.125Z</c> or with an offset; <c>t</c>, <c>z</c> and a space for the T are taken as RFC 3339 allows.</summary>
    public static Outcome TryParse(ReadOnlySpan<byte> text, out Timestamp timestamp)
    {
        timestamp = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' || (text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')))
            return Outcome.Malformed;
        var areDigits = Digits(text, 0, 4, out var year) & Digits(text, 5, 2, out var month) & Digits(text, 8, 2, out var day)
            & Digits(text, 11, 2, out var hour) & Digits(text, 14, 2, out var minute) & Digits(text, 17, 2, out var second);
        if (!areDigits)
            return Outcome.Malformed;
        if (month is < 1 or > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 || year == 0 || day > DateTime.DaysInMonth(year, month))
            return Outcome.Malformed;
        var rest = text[19..];
        if (!TryFraction(ref rest, out var nanoseconds) || !TryOffset(rest, out var offsetSeconds))
            return Outcome.Malformed;
        var seconds = (DaysSinceEpoch(year, month, day) * SecondsPerDay) + (hour * 3600) + (minute * 60) + second - offsetSeconds;
        var total = ((Int128)seconds * Timestamp.NanosecondsPerSecond) + nanoseconds;
        // The last nanosecond is left out, so that a half-open range can end behind every time.
        if (total < long.MinValue || total >= long.MaxValue)
            return Outcome.OutOfRange;
        timestamp = new Timestamp((long)total);
        return Outcome.Ok;
    }

    /// <summary>Writes the time in UTC and returns the number of bytes; <paramref name="destination"/> holds at least <see cref="MaxLength"/>.</summary>
    public static int Format(Timestamp timestamp, Span<byte> destination)
    {
        var (seconds, nanoseconds) = Split(timestamp.Nanoseconds, Timestamp.NanosecondsPerSecond);
        var (days, secondOfDay) = Split(seconds, SecondsPerDay);
        var (year, month, day) = CivilDate(days);
        Write(destination, 0, 4, year);
        destination[4] = (byte)'-';
        Write(destination, 5, 2, month);
        destination[7] = (byte)'-';
        Write(destination, 8, 2, day);
        destination[10] = (byte)'T';
        Write(destination, 11, 2, (int)(secondOfDay / 3600));
        destination[13] = (byte)':';
        Write(destination, 14, 2, (int)(secondOfDay / 60 % 60));
        destination[16] = (byte)':';
        Write(destination, 17, 2, (int)(secondOfDay % 60));
        var length = 19;
        if (nanoseconds != 0)
        {
            destination[length] = (byte)'.';
            Write(destination, length + 1, MaxFractionDigits, (int)nanoseconds);
            length += 1 + MaxFractionDigits;
            while (destination[length - 1] == '0')
                length--;
        }

        destination[length] = (byte)'Z';
        return length + 1;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int nanoseconds)
    {
        nanoseconds = 0;
        if (rest.IsEmpty || rest[0] != '.')
            return true;
        var digits = 0;
        while (digits + 1 < rest.Length && (uint)(rest[digits + 1] - '0') <= 9)
            digits++;
        if (digits is 0 or > MaxFractionDigits || !Digits(rest, 1, digits, out nanoseconds))
            return false;
        for (var i = digits; i < MaxFractionDigits; i++)
            nanoseconds *= 10;
        rest = rest[(digits + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> rest, out int seconds)
    {
        seconds = 0;
        if (rest.Length == 1)
            return rest[0] is (byte)'Z' or (byte)'z';
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':')
            return false;
        if (!Digits(rest, 1, 2, out var hours) || !Digits(rest, 4, 2, out var minutes) || hours > 23 || minutes > 59)
            return false;
        seconds = ((hours * 60) + minutes) * (rest[0] == '-' ? -60 : 60);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        foreach (var digit in text.Slice(start, count))
        {
            if ((uint)(digit - '0') > 9)
                return false;
            value = (value * 10) + (digit - '0');
        }

        return true;
    }

    private static void Write(Span<byte> destination, int start, int count, int value)
    {
        for (var i = start + count - 1; i >= start; i--, value /= 10)
            destination[i] = (byte)('0' + (value % 10));
    }

    private static (long Quotient, long Remainder) Split(long value, long by)
    {
        var quotient = value / by;
        var remainder = value - (quotient * by);
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder);
    }

    // Days since 1970-01-01 in the proleptic Gregorian calendar; DateTime covers the years 1 to 9999.
    private static long DaysSinceEpoch(int year, int month, int day) =>
        (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerDay) - (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerDay);

    private static (int Year, int Month, int Day) CivilDate(long days)
    {
        var date = DateTime.UnixEpoch.AddDays(days);
        return (date.Year, date.Month, date.Day);
    }
}
