using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using IotBackend.Application.Nodes;
using IotBackend.Domain.ApiKeys;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Access;

/// <summary>
/// Sees to it that a changed key holds on this node at once, and on others as soon as they hear of it. It is taken out of the cache; and a look-up
/// that was under way meanwhile, and puts the old one back afterwards, is told by its version.
/// </summary>
public sealed class KnownApiKeys : IDisposable
{
    /// <summary>Where nodes tell each other of changed keys: the key's id, a colon, its version; whatever follows a further colon is for later.</summary>
    public const string Topic = "api-keys";

    private const char Separator = ':';

    // Of this node's memory alone: each node forgets for itself.
    private static readonly FusionCacheEntryOptions HereAlone =
        new FusionCacheEntryOptions().SetSkipDistributedCache(true, true).SetSkipBackplaneNotifications(true);

    private readonly ConcurrentDictionary<string, Change> _changes = new(StringComparer.Ordinal);
    private readonly IFusionCache _cache;
    private readonly ApiKeyCaching _caching;
    private readonly TimeProvider _time;
    private readonly INodeMessages _messages;
    private readonly IDisposable _subscription;

    public KnownApiKeys(IFusionCache cache, ApiKeyCaching caching, TimeProvider time, INodeMessages? messages = null)
    {
        (_cache, _caching, _time) = (cache, caching, time);
        _messages = messages ?? new SingleNode();
        _subscription = _messages.Subscribe(Topic, Hear, ForgetAll);
    }

    /// <summary>Some key was made or changed, on this node or another: what was not there may be there now.</summary>
    public event Action? Changed;

    /// <summary>Call it after the change was stored: other nodes look the key up as soon as they hear of it.</summary>
    /// <param name="changed">The key as it is stored now.</param>
    public void Forget(ApiKey changed)
    {
        Forget(changed.Id, changed.Version);
        _messages.Publish(Topic, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{changed.Id}{Separator}{changed.Version}")));
    }

    /// <summary>True when the key was changed since, as far as this node knows.</summary>
    public bool IsOutdated(ApiKey key) => _changes.TryGetValue(key.Id, out var change) && key.Version < change.Version;

    public void Dispose() => _subscription.Dispose();

    private void Hear(ReadOnlyMemory<byte> message)
    {
        if (Encoding.UTF8.GetString(message.Span).Split(Separator) is [{ Length: ApiKeyToken.IdLength } id, var text, ..]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            Forget(id, version);
        }
    }

    private void Forget(string id, int version)
    {
        var change = new Change(version, _time.GetTimestamp());
        _changes.AddOrUpdate(id, change, (_, earlier) => earlier.Version > change.Version ? earlier : change);
        _cache.Remove(ApiKeyAuthenticator.CacheKey(id), HereAlone);
        foreach (var (known, old) in _changes)
        {
            if (_time.GetElapsedTime(old.At) > _caching.Lifetime + _caching.OutageLifetime)
                _changes.TryRemove(new KeyValuePair<string, Change>(known, old));
        }

        Changed?.Invoke();
    }

    // Any of them may have been changed. While the key store does not answer, they go on serving as they would without this.
    private void ForgetAll()
    {
        _cache.Clear(allowFailSafe: true, HereAlone);
        Changed?.Invoke();
    }

    private sealed record Change(int Version, long At);
}
