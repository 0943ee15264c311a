using System.Globalization;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Durations as 1.x tells them, such as <c>168h0m0s</c>; 0 means for ever.</summary>
internal static class GoDuration
{
    /// <summary>Parts of an hour count as a whole one: rather kept for too long than for too short.</summary>
    /// <exception cref="InfluxDbException">The text is no duration.</exception>
    public static Retention ToRetention(string duration)
    {
        var seconds = 0d;
        var start = 0;
        for (var at = 0; at < duration.Length; at++)
        {
            if (char.IsAsciiDigit(duration[at]) || duration[at] == '.')
                continue;
            if (!double.TryParse(duration.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var count))
                throw new InfluxDbException(InfluxDbFailure.Refused, $"'{duration}' is no duration.");
            seconds += count * SecondsOf(duration[at]);
            start = at + 1;
        }

        var hours = (int)Math.Min(Math.Ceiling(seconds / 3_600), Retention.MaxHours);
        return hours == 0 ? Retention.Forever : Retention.OfHours(hours);
    }

    private static double SecondsOf(char unit) => unit switch
    {
        'w' => 604_800,
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => 1,
    };
}
