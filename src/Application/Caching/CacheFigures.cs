namespace IotBackend.Application.Caching;

/// <summary>How the cache of answers fares on this node: counts since the start, and what it holds now. Each request that is answered counts once.</summary>
/// <param name="Hits">Requests answered from it.</param>
/// <param name="Misses">Requests for which the store was asked.</param>
/// <param name="Coalesced">Requests that waited for the answer of another that asked the same, and got a new one.</param>
/// <param name="Stale">Requests answered with an old answer while the store did not answer.</param>
/// <param name="Refreshed">Answers made anew before their end; no requests, but the store was asked.</param>
/// <param name="Evicted">Answers that had to make room for others.</param>
/// <param name="Entries">Answers in it.</param>
/// <param name="Bytes">Bytes that they take.</param>
/// <param name="CapacityBytes">The most bytes.</param>
public sealed record CacheFigures(
    long Hits, long Misses, long Coalesced, long Stale, long Refreshed, long Evicted, long Entries, long Bytes, long CapacityBytes)
{
    /// <summary>The share of requests that the store was not asked for, 0 to 1; zero when there were none.</summary>
    public double HitRate => Hits + Misses + Coalesced + Stale is var all and > 0 ? (double)(Hits + Coalesced + Stale) / all : 0;
}
