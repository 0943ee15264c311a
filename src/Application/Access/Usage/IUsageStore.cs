using IotBackend.Application.ApiKeys;

namespace IotBackend.Application.Access.Usage;

/// <summary>Where the usage of keys is kept, by hour and day. Several nodes add to it.</summary>
public interface IUsageStore
{
    /// <summary>Adds to what is kept: all of it or nothing. No two have the same key and period.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task AddAsync(IReadOnlyCollection<KeyUsage> usages, CancellationToken cancellationToken);

    /// <summary>What a key used in the periods of a length that begin in a range of time.</summary>
    /// <param name="keyId">The key.</param>
    /// <param name="hours">The length of the periods.</param>
    /// <param name="from">Periods that begin then or later.</param>
    /// <param name="to">Periods that begin before.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<IReadOnlyList<KeyUsage>> ReadAsync(string keyId, int hours, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Forgets the periods of a length that began before a time.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task DeleteBeforeAsync(int hours, DateTimeOffset time, CancellationToken cancellationToken);
}
