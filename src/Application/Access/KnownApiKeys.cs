using System.Collections.Concurrent;
using IotBackend.Domain.ApiKeys;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Access;

/// <summary>
/// Sees to it that a changed key holds on this node at once. It is taken out of the cache; and a look-up that was under way meanwhile, and
/// puts the old one back afterwards, is told by its version.
/// </summary>
public sealed class KnownApiKeys(IFusionCache cache, ApiKeyCaching caching, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Change> _changes = new(StringComparer.Ordinal);

    /// <summary>Call it after the change was stored.</summary>
    /// <param name="changed">The key as it is stored now.</param>
    public async ValueTask ForgetAsync(ApiKey changed)
    {
        var change = new Change(changed.Version, time.GetTimestamp());
        _changes.AddOrUpdate(changed.Id, change, (_, earlier) => earlier.Version > change.Version ? earlier : change);
        await cache.RemoveAsync(ApiKeyAuthenticator.CacheKey(changed.Id));
        foreach (var (id, old) in _changes)
        {
            if (time.GetElapsedTime(old.At) > caching.Lifetime + caching.OutageLifetime)
                _changes.TryRemove(new KeyValuePair<string, Change>(id, old));
        }
    }

    /// <summary>True when this node has changed the key since.</summary>
    public bool IsOutdated(ApiKey key) => _changes.TryGetValue(key.Id, out var change) && key.Version < change.Version;

    private sealed record Change(int Version, long At);
}
