namespace IotBackend.Application.Access.Usage;

/// <summary>What was used in some time.</summary>
/// <param name="Requests">Requests, whatever became of them.</param>
/// <param name="Measurements">Measurements that were accepted.</param>
/// <param name="Bytes">Bodies of requests, as they were received.</param>
/// <param name="Rejected">Requests that were answered with a status from 400 on.</param>
public readonly record struct UsageCounts(long Requests, long Measurements, long Bytes, long Rejected)
{
    public static UsageCounts operator +(UsageCounts left, UsageCounts right) => new(
        left.Requests + right.Requests, left.Measurements + right.Measurements, left.Bytes + right.Bytes, left.Rejected + right.Rejected);

    public static UsageCounts Add(UsageCounts left, UsageCounts right) => left + right;
}

/// <summary>A stretch of time for which usage is kept, in UTC.</summary>
/// <param name="Hours">Its length: <see cref="Hour"/> or <see cref="Day"/>.</param>
/// <param name="From">When it begins.</param>
public readonly record struct UsagePeriod(int Hours, DateTimeOffset From)
{
    public const int Hour = 1;
    public const int Day = 24;

    /// <summary>The period of this length that a time lies in.</summary>
    public static UsagePeriod Of(int hours, DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return new UsagePeriod(hours, utc.AddTicks(-(utc.Ticks % (hours * TimeSpan.TicksPerHour))));
    }
}

/// <summary>What a key used in a period.</summary>
public readonly record struct KeyUsage(string KeyId, UsagePeriod Period, UsageCounts Counts);
