using System.Globalization;
using IotBackend.Application.Caching;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Caching;

/// <summary>What an answer of the cache tells of itself: RFC 9110 (<c>ETag</c>, <c>Vary</c>), RFC 9111 (<c>Cache-Control</c>, <c>Age</c>), RFC 9211 (<c>Cache-Status</c>).</summary>
internal static class AnswerHeaders
{
    private const int LongestMaxAge = 60;

    private static readonly StringValues Vary = "X-API-Key, Authorization, Accept, Accept-Encoding";
    private static readonly StringValues Revalidate = "private, max-age=0";
    private static readonly StringValues Longest = string.Create(CultureInfo.InvariantCulture, $"private, max-age={LongestMaxAge}");
    private static readonly StringValues Miss = "IotBackend; fwd=miss";
    private static readonly StringValues Stored = "IotBackend; fwd=miss; stored";
    private static readonly StringValues Collapsed = "IotBackend; fwd=miss; collapsed";
    private static readonly StringValues StoredAndCollapsed = "IotBackend; fwd=miss; stored; collapsed";

    // What is asked all the time serves for less than a second.
    private static readonly StringValues HitForNow = "IotBackend; hit; ttl=0";

    /// <summary>The answer is this caller's alone, also when it is a refusal.</summary>
    public static void SetVary(IHeaderDictionary headers) => headers.Vary = StringValues.Concat(headers.Vary, Vary);

    public static void Set(IHeaderDictionary headers, ServedAnswer served)
    {
        headers.ETag = served.Answer.ETag;
        headers.CacheControl = CacheControlOf(served);
        headers["Cache-Status"] = StatusOf(served);
        if (served.Outcome == CacheOutcome.Stale)
            headers.Age = Seconds(served.Age).ToString(CultureInfo.InvariantCulture);
    }

    // A browser that kept an open range would hide its user's own writes from him.
    private static StringValues CacheControlOf(ServedAnswer served)
    {
        if (!served.IsLasting || served.Outcome == CacheOutcome.Stale || served.TimeToLive < TimeSpan.FromSeconds(1))
            return Revalidate;
        var seconds = Seconds(served.TimeToLive);
        return seconds >= LongestMaxAge ? Longest : string.Create(CultureInfo.InvariantCulture, $"private, max-age={seconds}");
    }

    private static StringValues StatusOf(ServedAnswer served)
    {
        var isStored = served.TimeToLive > TimeSpan.Zero;
        return served.Outcome switch
        {
            CacheOutcome.Miss => isStored ? Stored : Miss,
            CacheOutcome.Collapsed => isStored ? StoredAndCollapsed : Collapsed,
            CacheOutcome.Hit when served.TimeToLive < TimeSpan.FromSeconds(1) => HitForNow,
            CacheOutcome.Stale => string.Create(CultureInfo.InvariantCulture, $"IotBackend; hit; ttl={Math.Min(-1, -Seconds(-served.TimeToLive))}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"IotBackend; hit; ttl={Seconds(served.TimeToLive)}"),
        };
    }

    private static long Seconds(TimeSpan time) => (long)time.TotalSeconds;
}
