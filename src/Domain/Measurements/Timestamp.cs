namespace IotBackend.Domain.Measurements;

/// <summary>A point in time, in nanoseconds since 1970-01-01T00:00:00Z; negative before it. Reaches from 1677-09-21 to 2262-04-11.</summary>
public readonly record struct Timestamp(long Nanoseconds) : IComparable<Timestamp>
{
    public const long NanosecondsPerSecond = 1_000_000_000;
    public const long NanosecondsPerMillisecond = 1_000_000;
    private const long NanosecondsPerTick = 100;
    private const long UnixEpochTicks = 621_355_968_000_000_000;

    public static readonly Timestamp MinValue = new(long.MinValue);
    public static readonly Timestamp MaxValue = new(long.MaxValue);

    /// <exception cref="OverflowException">The time lies outside of what 64 bits of nanoseconds can hold.</exception>
    public static Timestamp From(DateTimeOffset time) => new(checked((time.UtcTicks - UnixEpochTicks) * NanosecondsPerTick));

    /// <summary>False when the milliseconds lie outside of what 64 bits of nanoseconds can hold.</summary>
    public static bool TryFromUnixMilliseconds(long milliseconds, out Timestamp timestamp)
    {
        var fits = milliseconds is >= long.MinValue / NanosecondsPerMillisecond and <= long.MaxValue / NanosecondsPerMillisecond;
        timestamp = fits ? new(milliseconds * NanosecondsPerMillisecond) : default;
        return fits;
    }

    public int CompareTo(Timestamp other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>RFC 3339 in UTC, without trailing zeros in the fraction: <c>2026-11-23T20:44:00.125Z</c>.</summary>
    public override string ToString()
    {
        Span<byte> buffer = stackalloc byte[Rfc3339.MaxLength];
        return System.Text.Encoding.ASCII.GetString(buffer[..Rfc3339.Format(this, buffer)]);
    }

    public static bool operator <(Timestamp left, Timestamp right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(Timestamp left, Timestamp right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(Timestamp left, Timestamp right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(Timestamp left, Timestamp right) => left.Nanoseconds >= right.Nanoseconds;
}

/// <summary>A half-open range of time: <paramref name="From"/> is inside, <paramref name="To"/> is not.</summary>
public readonly record struct TimeRange(Timestamp From, Timestamp To)
{
    public bool IsEmpty => From >= To;

    public bool Contains(Timestamp timestamp) => timestamp >= From && timestamp < To;

    /// <summary>The part that does not lie before the given time; empty when all of it does.</summary>
    public TimeRange NotBefore(Timestamp oldest) =>
        oldest <= From ? this : this with { From = oldest < To ? oldest : To };
}
