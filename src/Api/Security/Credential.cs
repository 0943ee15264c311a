using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Application.Access;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>
/// What a caller has shown: a key, or a client certificate that stands for one. Kept by what outlives a request, such as a connection or a stream,
/// so that it can be judged again. Not a record, whose text would show the key.
/// </summary>
internal sealed class Credential
{
    private readonly string? _key;
    private readonly CertificateFingerprint? _certificate;

    private Credential(string? key, CertificateFingerprint? certificate) => (_key, _certificate) = (key, certificate);

    public static Credential OfKey(string key) => new(key, null);

    /// <summary>The caller must have checked that the certificate is valid now: <see cref="IsValidAt"/>.</summary>
    public static Credential Of(X509Certificate2 certificate) => new(null, CertificateFingerprint.Of(certificate.RawDataMemory.Span));

    /// <summary>That of a request which was let in; null when it has none.</summary>
    public static Credential? Of(HttpContext context)
    {
        if (PresentedKey.Find(context.Request, out _) is { } key)
            return OfKey(key);
        return context.Connection.ClientCertificate is { } certificate ? Of(certificate) : null;
    }

    public static bool IsValidAt(X509Certificate2 certificate, DateTimeOffset now) =>
        now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();

    public ValueTask<Result<Caller>> AuthenticateAsync(IApiKeyAuthenticator authenticator, IPAddress? address, CancellationToken cancellationToken) =>
        _key is { } key
            ? authenticator.AuthenticateAsync(key, address, cancellationToken)
            : authenticator.AuthenticateAsync(_certificate!, address, cancellationToken);
}
