using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access;

/// <summary>Tells who presents a key. Every protocol asks here.</summary>
public interface IApiKeyAuthenticator
{
    /// <summary>
    /// The caller that the key makes, or <c>invalid_credentials</c> (malformed, unknown, wrong secret, revoked and expired alike),
    /// <c>network_not_allowed</c>, or <c>key_store_unavailable</c> when an unknown key can not be looked up now.
    /// </summary>
    ValueTask<Result<Caller>> AuthenticateAsync(string presentedKey, IPAddress? remoteAddress, CancellationToken cancellationToken);
}
