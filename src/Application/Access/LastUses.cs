using System.Collections.Concurrent;
using System.Net;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Application.Access;

/// <summary>Remembers when and from where keys were last used, and stores it now and then, never on the way of a request.</summary>
public sealed class LastUses(IApiKeyStore store, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Use> _uses = new(StringComparer.Ordinal);

    /// <summary>Remembers a use, to the second.</summary>
    public void Remember(string keyId, IPAddress? address)
    {
        var now = time.GetUtcNow();

        // Written anew once a second at most: a key may be used many thousand times in one.
        if (!_uses.TryGetValue(keyId, out var last) || now - last.At is not { Ticks: >= 0 and < TimeSpan.TicksPerSecond } || !Equals(last.Address, address))
            _uses[keyId] = new Use(now, address);
    }

    /// <summary>Stores what was remembered.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be stored now; it is kept, and goes with the next attempt.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var uses = _uses.ToArray();
        if (uses.Length == 0)
            return;
        await store.SaveUsesAsync([.. uses.Select(use => new ApiKeyUse(use.Key, use.Value.At, use.Value.From))], cancellationToken);

        // What was used meanwhile stays for the next time.
        foreach (var use in uses)
            _uses.TryRemove(use);
    }

    private sealed record Use(DateTimeOffset At, IPAddress? Address)
    {
        public string From => Address is { IsIPv4MappedToIPv6: true } ? Address.MapToIPv4().ToString() : Address?.ToString() ?? string.Empty;
    }
}
