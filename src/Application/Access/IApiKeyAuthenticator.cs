using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access;

/// <summary>Tells who presents a key or a certificate. Every protocol asks here.</summary>
public interface IApiKeyAuthenticator
{
    /// <summary>
    /// The caller that the key makes, or <c>invalid_credentials</c> (malformed, unknown, wrong secret, revoked and expired alike),
    /// <c>network_not_allowed</c>, or <c>key_store_unavailable</c> when an unknown key can not be looked up now.
    /// </summary>
    ValueTask<Result<Caller>> AuthenticateAsync(string presentedKey, IPAddress? remoteAddress, CancellationToken cancellationToken);

    /// <summary>
    /// The caller that the key of a client certificate makes; the same errors. That the client holds the certificate's key, and that the
    /// certificate is valid now, was checked before.
    /// </summary>
    ValueTask<Result<Caller>> AuthenticateAsync(CertificateFingerprint certificate, IPAddress? remoteAddress, CancellationToken cancellationToken);
}
