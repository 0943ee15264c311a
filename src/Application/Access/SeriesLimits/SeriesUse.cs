using IotBackend.Domain.Results;

namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>How a key stands against its limit.</summary>
/// <param name="Limit">What it may bring in an hour.</param>
/// <param name="Devices">New devices of the last hour.</param>
/// <param name="Series">New series of the last hour.</param>
/// <param name="ResetSeconds">Until some of that lies an hour back.</param>
public sealed record SeriesUse(SeriesLimit Limit, long Devices, long Series, int ResetSeconds)
{
    // In per cent, from which on a client is warned.
    private const int Warning = 80;

    public bool IsNear => IsNearly(Devices, Limit.Devices) || IsNearly(Series, Limit.Series);

    public Error ToError(IReadOnlyList<Fault> faults) => new(
        ErrorKind.RateLimited,
        ErrorCodes.SeriesLimitExceeded,
        $"The key has brought {Devices} new devices and {Series} new series within an hour; its tier allows {Limit.Devices} and {Limit.Series}. What is known already is taken.")
    {
        Faults = faults,
        RetryAfter = TimeSpan.FromSeconds(ResetSeconds),
        Details = new Dictionary<string, object>
        {
            ["newDevices"] = Devices,
            ["newDevicesLimit"] = Limit.Devices,
            ["newSeries"] = Series,
            ["newSeriesLimit"] = Limit.Series,
            ["windowSeconds"] = SeriesLimit.WindowSeconds,
        },
    };

    private static bool IsNearly(long used, long limit) => used > 0 && used * 100 >= limit * Warning;
}
