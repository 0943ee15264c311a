using IotBackend.Domain.ApiKeys;

namespace IotBackend.Application.ApiKeys;

/// <summary>Where API keys are kept.</summary>
public interface IApiKeyStore
{
    /// <summary>The key with this id, whatever its status, or null.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken);

    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task AddAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>True when there is at least one key that is active at the given time and has the scope <c>admin</c>.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    Task<bool> HasActiveAdminAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>The key store does not answer: an outage, not a statement about any key.</summary>
public sealed class KeyStoreUnavailableException(string message, Exception inner) : Exception(message, inner);
