namespace IotBackend.Application.Caching;

/// <summary>Where an answer came from.</summary>
public enum CacheOutcome
{
    /// <summary>Made for this request.</summary>
    Miss,

    /// <summary>Made for another request that asked the same at the same time.</summary>
    Collapsed,

    /// <summary>From the cache, and still good.</summary>
    Hit,

    /// <summary>From the cache, older than it should be, because the store does not answer.</summary>
    Stale,
}

/// <summary>An answer, and how one request came to it.</summary>
/// <param name="Answer">What is sent.</param>
/// <param name="Outcome">Where it came from.</param>
/// <param name="TimeToLive">How long it serves from now on; negative when it is stale, zero when it is not kept.</param>
/// <param name="Age">How long ago its making began.</param>
/// <param name="IsLasting">True when nothing but a late write or a deletion can change it.</param>
public sealed record ServedAnswer(Answer Answer, CacheOutcome Outcome, TimeSpan TimeToLive, TimeSpan Age, bool IsLasting)
{
    /// <summary>An answer that was made just now.</summary>
    public static ServedAnswer Fresh(Answer answer, bool isLasting) => new(answer, CacheOutcome.Miss, TimeSpan.Zero, TimeSpan.Zero, isLasting);
}
