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
internal sealed class Credential : IEquatable<Credential>
{
    private readonly string? _key;
    private readonly CertificateFingerprint? _certificate;
    private readonly DateTimeOffset _from = DateTimeOffset.MinValue;
    private readonly DateTimeOffset _to = DateTimeOffset.MaxValue;

    private Credential(string key) => _key = key;

    private Credential(X509Certificate2 certificate)
    {
        _certificate = CertificateFingerprint.Of(certificate.RawDataMemory.Span);
        (_from, _to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
    }

    /// <summary>Why a certificate lets nobody in, whatever it stands for.</summary>
    public static Error NotValidNow { get; } =
        new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The client certificate has expired, or is not valid yet.");

    public static Credential OfKey(string key) => new(key);

    public static Credential Of(X509Certificate2 certificate) => new(certificate);

    /// <summary>That of a request which was let in; null when it has none.</summary>
    public static Credential? Of(HttpContext context)
    {
        if (PresentedKey.Find(context.Request, out _) is { } key)
            return OfKey(key);
        return context.Connection.ClientCertificate is { } certificate ? Of(certificate) : null;
    }

    public static bool IsValidAt(X509Certificate2 certificate, DateTimeOffset now) =>
        now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();

    /// <summary>Who shows it, where it is valid at that time and the key may be used from the address.</summary>
    public ValueTask<Result<Caller>> AuthenticateAsync(
        IApiKeyAuthenticator authenticator, IPAddress? address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_key is { } key)
            return authenticator.AuthenticateAsync(key, address, cancellationToken);
        return now >= _from && now <= _to
            ? authenticator.AuthenticateAsync(_certificate!, address, cancellationToken)
            : ValueTask.FromResult<Result<Caller>>(NotValidNow);
    }

    public bool Equals(Credential? other) => other is not null && _key == other._key && _certificate == other._certificate;

    public override bool Equals(object? obj) => Equals(obj as Credential);

    public override int GetHashCode() => HashCode.Combine(_key, _certificate);
}
