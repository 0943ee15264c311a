using System.Globalization;

namespace IotBackend.Simulator.Csv;

/// <summary>
/// Times as files write them. With an offset they are what they say. Without one they are UTC, or local times of a zone; then, where the
/// clocks go back, an hour comes twice: the first row of such a time is read before the change and the second after it, and where they go
/// forward a time that never was has no instant. So no two rows of different local times share an instant. One object reads one file, in order.
/// </summary>
internal sealed class LocalTimes(TimeZoneInfo? zone)
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd H:mm:ss.FFFFFFF", "yyyy-MM-dd'T'H:mm:ss.FFFFFFF", "yyyy-MM-dd H:mm", "d/M/yyyy H:mm:ss.FFFFFFF", "d/M/yyyy H:mm",
    ];

    private static readonly string[] FormatsWithOffset = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    private readonly HashSet<DateTime> _seenOnce = [];

    /// <returns>False when the text is no time; an <paramref name="instant"/> of null when the local time never was.</returns>
    public bool TryRead(string text, out DateTimeOffset? instant)
    {
        instant = null;
        if (DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            instant = ToInstant(local);
            return true;
        }

        var isExact = DateTimeOffset.TryParseExact(text, FormatsWithOffset, CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact);
        instant = isExact ? exact.ToUniversalTime() : null;
        return isExact;
    }

    private DateTimeOffset? ToInstant(DateTime local)
    {
        if (zone is null)
            return new DateTimeOffset(local, TimeSpan.Zero);
        if (zone.IsInvalidTime(local))
            return null;
        return new DateTimeOffset(local, OffsetAt(zone, local)).ToUniversalTime();
    }

    private TimeSpan OffsetAt(TimeZoneInfo local, DateTime time)
    {
        if (!local.IsAmbiguousTime(time))
            return local.GetUtcOffset(time);
        var offsets = local.GetAmbiguousTimeOffsets(time);
        return _seenOnce.Add(time) ? offsets.Max() : offsets.Min();
    }
}
