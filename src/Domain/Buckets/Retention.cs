using System.Globalization;
using IotBackend.Domain.Measurements;

namespace IotBackend.Domain.Buckets;

/// <summary>How long a bucket keeps its measurements: whole hours, at least one, or for ever.</summary>
public readonly record struct Retention
{
    public const int MinHours = 1;

    /// <summary>A hundred years; beyond that it is for ever.</summary>
    public const int MaxHours = 876_000;

    private const long NanosecondsPerHour = 3_600 * Timestamp.NanosecondsPerSecond;

    private Retention(int hours) => Hours = hours;

    public static Retention Forever => default;

    /// <summary>Null means for ever.</summary>
    public int? Hours { get; }

    public bool IsForever => Hours is null;

    /// <exception cref="ArgumentOutOfRangeException">Less than <see cref="MinHours"/> or more than <see cref="MaxHours"/>.</exception>
    public static Retention OfHours(int hours)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hours, MinHours);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hours, MaxHours);
        return new Retention(hours);
    }

    /// <summary>The oldest time that is kept; what lies before it is neither stored nor read.</summary>
    public Timestamp OldestAt(Timestamp now)
    {
        if (Hours is not { } hours)
            return Timestamp.MinValue;
        var oldest = now.Nanoseconds - ((Int128)hours * NanosecondsPerHour);
        return oldest < long.MinValue ? Timestamp.MinValue : new Timestamp((long)oldest);
    }

    public override string ToString() => Hours is { } hours ? string.Create(CultureInfo.InvariantCulture, $"{hours} h") : "for ever";
}
