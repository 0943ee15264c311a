using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>The ends of the time that InfluxDB can hold; the values beyond them mean something to it.</summary>
internal static class Ends
{
    public static Timestamp Earliest { get; } = new(long.MinValue + 2);

    public static Timestamp Latest { get; } = new(long.MaxValue - 1);
}
