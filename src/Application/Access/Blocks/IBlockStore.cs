using IotBackend.Application.ApiKeys;

namespace IotBackend.Application.Access.Blocks;

/// <summary>Where blocks are kept, for all nodes and across restarts.</summary>
public interface IBlockStore
{
    /// <summary>The newest of those whose end is not before the given time, and those without an end.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<IReadOnlyList<Block>> ListAsync(DateTimeOffset endsAfter, CancellationToken cancellationToken);

    /// <summary>Stores each block in the place of what there is for its target; only one made by hand that has not ended stays.</summary>
    /// <returns>Those that were not stored, because such a one stays.</returns>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<IReadOnlyList<Block>> SaveAsync(IReadOnlyCollection<Block> blocks, CancellationToken cancellationToken);

    /// <summary>Forgets the block, and what had ended of the same target when it was made; never one that is newer.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task RemoveAsync(Block block, CancellationToken cancellationToken);

    /// <summary>Removes blocks made by hand that ended before the one time, those made by rules that ended before the other, and of the latter those beyond the most that are kept.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task RemoveEndedAsync(DateTimeOffset byHandBefore, DateTimeOffset byRuleBefore, CancellationToken cancellationToken);
}
