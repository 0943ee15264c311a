using System.Net;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Blocks;

/// <summary>
/// Counts failed credentials by address (IPv6 by the /64 that one subscriber has) in a sliding window, and blocks addresses that go beyond
/// their limit. Memory is constant: a table of sets, in which a newcomer takes the place of whoever has failed least, and of those longest ago,
/// so that a flood from millions of addresses does not hide the one that really tries.
/// </summary>
public sealed class FailedCredentials
{
    public const int PrefixIPv6 = 64;

    private const int Sets = 8_192;
    private const int Ways = 8;

    private readonly BlockRules _rules;
    private readonly BlockList _blocks;
    private readonly TimeProvider _time;
    private readonly Counter[] _counters = new Counter[Sets * Ways];
    private readonly Lock[] _locks = new Lock[256];
    private readonly double _window;
    private long _turn;

    public FailedCredentials(BlockRules rules, BlockList blocks, TimeProvider time)
    {
        (_rules, _blocks, _time) = (rules, blocks, time);
        _window = rules.FailedCredentialsWindow.TotalSeconds * time.TimestampFrequency;
        for (var i = 0; i < _locks.Length; i++)
            _locks[i] = new Lock();
    }

    /// <summary>Counts one failure; the one beyond the limit blocks the address.</summary>
    public void Add(IPAddress? address)
    {
        if (_rules.FailedCredentials == 0 || address is null)
            return;
        var network = AddressNetwork.Of(address, 32, PrefixIPv6);
        if (Count(network) && !_rules.NeverBlock.Any(safe => safe.Contains(AddressNetwork.Of(address))))
            _blocks.BlockByRule(BlockTarget.Of(network), "too many failed credentials");
    }

    // True when it was one too many; counting then begins anew.
    private bool Count(AddressNetwork network)
    {
        // The hash is seeded anew in every process, so nobody outside can choose addresses that push each other out.
        var set = (int)((uint)network.GetHashCode() % Sets);
        var windows = _time.GetTimestamp() / _window;
        lock (_locks[set % _locks.Length])
        {
            ref var counter = ref Find(network, _counters.AsSpan(set * Ways, Ways), windows);
            counter.MoveTo((long)windows);
            counter.Turn = Interlocked.Increment(ref _turn);
            counter.Current++;
            if (counter.At(windows) <= _rules.FailedCredentials)
                return false;
            counter = default;
            return true;
        }
    }

    private static ref Counter Find(AddressNetwork network, Span<Counter> set, double windows)
    {
        var least = 0;
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i].Network == network)
                return ref set[i];
            if ((set[i].At(windows), set[i].Turn).CompareTo((set[least].At(windows), set[least].Turn)) < 0)
                least = i;
        }

        set[least] = new Counter { Network = network, Window = (long)windows };
        return ref set[least];
    }

    /// <summary>How often in this window and in the one before; what slid out of the latter is taken as evenly spread.</summary>
    private struct Counter
    {
        public AddressNetwork Network;
        public long Window;
        public long Turn;
        public int Current;
        public int Previous;

        public readonly double At(double windows)
        {
            var passed = (long)windows - Window;
            var left = 1 - (windows - Math.Floor(windows));
            return passed switch
            {
                0 => Current + (Previous * left),
                1 => Current * left,
                _ => 0,
            };
        }

        public void MoveTo(long window)
        {
            if (window == Window)
                return;
            Previous = window == Window + 1 ? Current : 0;
            (Current, Window) = (0, window);
        }
    }
}
