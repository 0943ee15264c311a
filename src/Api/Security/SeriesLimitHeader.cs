using System.Globalization;
using IotBackend.Application.Access.SeriesLimits;

namespace IotBackend.Api.Security;

/// <summary>The header that warns a client before its key may bring nothing new any more, in the form of those of rate limits.</summary>
internal static class SeriesLimitHeader
{
    public const string Name = "X-Series-Limit";

    public static string ValueOf(SeriesUse use) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"new-devices\";q={use.Limit.Devices};r={Remaining(use.Limit.Devices, use.Devices)};w={SeriesLimit.WindowSeconds}, \"new-series\";q={use.Limit.Series};r={Remaining(use.Limit.Series, use.Series)};w={SeriesLimit.WindowSeconds}");

    private static long Remaining(long limit, long used) => Math.Max(0, limit - used);
}
