using IotBackend.Domain.ApiKeys;

namespace IotBackend.Application.ApiKeys;

/// <summary>Where API keys are kept. Every method throws <see cref="KeyStoreUnavailableException"/> when the store can not be asked now.</summary>
public interface IApiKeyStore
{
    /// <summary>The key with this id, whatever its status, or null.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>The id of the key that a client certificate stands for, whatever its status, or null.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<string?> FindIdAsync(CertificateFingerprint certificate, CancellationToken cancellationToken);

    /// <summary>Some keys, the newest first.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<IReadOnlyList<ApiKey>> ListAsync(ApiKeyFilter filter, CancellationToken cancellationToken);

    /// <summary>Adds a key of version 0.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<ApiKeySaved> AddAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>Replaces a key that still has this version, which grows by one; what is known of its last use stays.</summary>
    /// <param name="key">The key as it becomes, with the version that it has.</param>
    /// <param name="otherAdminAt">Not null: only when at this time another key is what <see cref="HasActiveAdminAsync"/> looks for, also when that one
    /// is being changed at the same moment.</param>
    /// <param name="cancellationToken">Ends the change.</param>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<ApiKeySaved> UpdateAsync(ApiKey key, DateTimeOffset? otherAdminAt, CancellationToken cancellationToken);

    /// <summary>True when there is at least one key that is active at the given time, has the scope <c>admin</c> and all buckets and devices.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<bool> HasActiveAdminAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>How many keys that are not revoked have the tier.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<int> CountInTierAsync(string tier, CancellationToken cancellationToken);

    /// <summary>Writes when and from where keys were last used; changes no version.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task SaveUsesAsync(IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken);
}

/// <summary>What became of a change.</summary>
public enum ApiKeySaved
{
    Done,

    /// <summary>There is a key with this id already, or the key has no longer this version.</summary>
    Conflict,

    /// <summary>A certificate stands for another key.</summary>
    CertificateTaken,

    /// <summary>There would be no admin left.</summary>
    LastAdmin,
}

/// <summary>Which keys a list holds.</summary>
/// <param name="Text">In the name, the notes or the id, whatever its case; null: any.</param>
/// <param name="Status">At <paramref name="Now"/>; null: any.</param>
/// <param name="Tier">Null: any.</param>
/// <param name="After">The last key of the page before; null: from the newest.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Now">The time that tells which keys have expired.</param>
public sealed record ApiKeyFilter(string? Text, ApiKeyStatus? Status, string? Tier, ApiKeyPosition? After, int Limit, DateTimeOffset Now);

/// <summary>The place of a key in the list of all.</summary>
public sealed record ApiKeyPosition(DateTimeOffset CreatedAt, string Id);

/// <summary>The last use of a key.</summary>
public sealed record ApiKeyUse(string KeyId, DateTimeOffset At, string From);

/// <summary>The key store does not answer: an outage, not a statement about any key.</summary>
public sealed class KeyStoreUnavailableException(string message, Exception? inner) : Exception(message, inner);
