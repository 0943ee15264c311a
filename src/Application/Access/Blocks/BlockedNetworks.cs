using System.Collections.Concurrent;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Blocks;

/// <summary>Finds the block of an address by one look-up for each length of prefix that there is, without a lock. Changes are made by one at a time.</summary>
internal sealed class BlockedNetworks
{
    private const int IPv4Start = 96;

    private readonly ConcurrentDictionary<AddressNetwork, Block> _blocks = [];
    private int[] _lengths = [];

    public bool IsEmpty => Volatile.Read(ref _lengths).Length == 0;

    /// <summary>A block around the address that holds now, or null.</summary>
    public Block? Find(AddressNetwork address, TimeProvider time)
    {
        foreach (var length in Volatile.Read(ref _lengths))
        {
            // Where the prefix is shorter than the one of all IPv4 addresses, the network is of the other kind.
            if (length < IPv4Start && address.IsIPv4)
                continue;
            if (_blocks.TryGetValue(address.Within(length), out var block) && block.HoldsAt(time.GetUtcNow()))
                return block;
        }

        return null;
    }

    public void Add(Block block)
    {
        if (!AddressNetwork.TryParse(block.Value, out var network))
            return;
        _blocks[network] = block;
        if (!_lengths.Contains(network.Length))
            Volatile.Write(ref _lengths, [.. _lengths, network.Length]);
    }

    public void Remove(Block block)
    {
        if (AddressNetwork.TryParse(block.Value, out var network) && _blocks.TryRemove(network, out _) && _blocks.IsEmpty)
            Volatile.Write(ref _lengths, []);
    }
}
