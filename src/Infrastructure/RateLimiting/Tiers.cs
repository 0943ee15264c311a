using System.Collections.Frozen;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// The built-in tiers, over them those of the configuration, and over them those that were changed while the program ran. What is stored is read
/// again in the background, and when another node tells of a change; when it can not be read, what was known last goes on holding.
/// </summary>
internal sealed class Tiers : ITiers, IDisposable
{
    /// <summary>Where nodes tell each other that what is stored has changed; the message says nothing.</summary>
    public const string Topic = "tiers";

    private readonly ITierStore _store;
    private readonly INodeMessages? _messages;
    private readonly IReadOnlyDictionary<string, Tier> _defaults;

    // One at a time: what was read before a change must not come after it.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Dictionary<string, Tier> _stored = [];
    private volatile FrozenDictionary<string, Tier> _current;
    private volatile bool _isStale;

    public Tiers(ITierStore store, IOptions<RateLimitOptions> options, INodeMessages? messages = null)
    {
        (_store, _messages) = (store, messages);
        _defaults = options.Value.Defaults();
        _current = _defaults.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>True while what is stored can not be read.</summary>
    public bool IsStale => _isStale;

    public Tier? Find(string name) => _current.GetValueOrDefault(name);

    public IReadOnlyList<Tier> List() => [.. _current.Values.OrderBy(tier => tier.Name, StringComparer.Ordinal)];

    public Tier? FindDefault(string name) => _defaults.GetValueOrDefault(name);

    /// <summary>Reads what is stored.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Use((await _store.ListAsync(cancellationToken)).ToDictionary(tier => tier.Name, StringComparer.Ordinal));
            _isStale = false;
        }
        catch (KeyStoreUnavailableException)
        {
            // Told by the key store, once an outage.
            _isStale = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task ReplaceAsync(string name, Tier? stored, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var tiers = new Dictionary<string, Tier>(_stored, StringComparer.Ordinal);
            if (stored is null)
                tiers.Remove(name);
            else
                tiers[name] = stored;
            Use(tiers);
        }
        finally
        {
            _turn.Release();
        }

        _messages?.Publish(Topic, ReadOnlyMemory<byte>.Empty);
    }

    public void Dispose() => _turn.Dispose();

    // A tier that stayed as it was stays the same object: counters and headers tell a change by it.
    private void Use(Dictionary<string, Tier> stored)
    {
        _stored = stored;
        var before = _current;
        _current = _defaults.Values.Where(tier => !stored.ContainsKey(tier.Name)).Concat(stored.Values)
            .Select(tier => before.TryGetValue(tier.Name, out var old) && old == tier ? old : tier)
            .ToFrozenDictionary(tier => tier.Name, StringComparer.Ordinal);
    }
}
