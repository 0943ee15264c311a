using System.Net;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Blocks;

/// <summary>
/// Blocks a key that is suddenly used from many networks (/24, IPv6 /48): it has leaked. Memory is constant: a key has one place by its hash, and the
/// newer key takes it. A request from where the last one came from costs a comparison.
/// </summary>
public sealed class NetworksOfKeys(BlockRules rules, BlockList blocks, TimeProvider time)
{
    private const int PrefixIPv4 = 24;
    private const int PrefixIPv6 = 48;
    private const int Places = 16_384;

    private readonly KeyNetworks?[] _places = new KeyNetworks?[Places];

    /// <summary>A request with the key came from the address, and its secret was right.</summary>
    public void Add(string keyId, IPAddress? address)
    {
        if (rules.NetworksOfAKey == 0 || address is null)
            return;
        var network = AddressNetwork.Of(address, PrefixIPv4, PrefixIPv6);
        ref var place = ref _places[(uint)keyId.GetHashCode(StringComparison.Ordinal) % Places];
        var known = Volatile.Read(ref place);
        if (known?.KeyId != keyId)
            Volatile.Write(ref place, known = new KeyNetworks(keyId));
        if (known.Add(network, time.GetTimestamp(), rules.NetworksOfAKey, (long)(rules.NetworksOfAKeyWindow.TotalSeconds * time.TimestampFrequency)))
            blocks.BlockByRule(BlockTarget.OfKey(keyId), "used from too many networks");
    }

    private sealed class KeyNetworks(string keyId)
    {
        private readonly List<Seen> _seen = [];
        private readonly Lock _lock = new();
        private Seen? _last;

        public string KeyId => keyId;

        // True when it was one network too many; counting then begins anew.
        public bool Add(AddressNetwork network, long now, int limit, long window)
        {
            // A network counts for a window after it was seen; to note that a twentieth late does no harm.
            if (Volatile.Read(ref _last) is { } last && last.Network == network && now - last.At < window / 20)
                return false;
            return AddSeen(network, now, limit, window);
        }

        // Apart, because the closure of the predicate would be made for every request.
        private bool AddSeen(AddressNetwork network, long now, int limit, long window)
        {
            lock (_lock)
            {
                _seen.RemoveAll(seen => seen.Network == network || now - seen.At >= window);
                var seen = new Seen(network, now);
                _seen.Add(seen);
                Volatile.Write(ref _last, seen);
                if (_seen.Count <= limit)
                    return false;
                _seen.Clear();
                return true;
            }
        }
    }

    private sealed record Seen(AddressNetwork Network, long At);
}
