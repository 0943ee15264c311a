using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>Where the tiers are kept that were made or changed while the program ran.</summary>
public interface ITierStore
{
    /// <summary>All of them.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<IReadOnlyList<Tier>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The one of this name, or null.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<StoredTier?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Adds the tier, or replaces the one that was read before; false when somebody else was faster.</summary>
    /// <param name="tier">The tier as it should be.</param>
    /// <param name="before">The tier as it was read; null when there was none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<bool> SaveAsync(Tier tier, StoredTier? before, CancellationToken cancellationToken);

    /// <summary>Deletes the tier that was read before; false when somebody else was faster.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<bool> DeleteAsync(StoredTier tier, CancellationToken cancellationToken);
}

/// <param name="Tier">The tier.</param>
/// <param name="Version">Grows with every change.</param>
public sealed record StoredTier(Tier Tier, int Version);
