using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.KeyStore.ApiKeys;

/// <summary>Between a key and its row.</summary>
internal static class ApiKeyMapping
{
    public static ApiKeyRow ToRow(this ApiKey key) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Notes = key.Notes,
        Scopes = [.. key.Scopes.ToNames()],
        Tier = key.Tier,
        Buckets = [.. key.Buckets.Select(bucket => bucket.Value)],
        Devices = [.. key.Devices.Select(device => device.Text)],
        Networks = [.. key.Networks.Select(network => network.ToString())],
        Certificates = [.. key.Certificates.Select(certificate => certificate.Value)],
        SecretHash = key.SecretHash.ToArray(),
        PreviousSecretHash = key.PreviousSecretHash?.ToArray(),
        PreviousSecretUntil = key.PreviousSecretUntil?.UtcDateTime,
        CreatedAt = key.CreatedAt.UtcDateTime,
        ExpiresAt = key.ExpiresAt?.UtcDateTime,
        RevokedAt = key.RevokedAt?.UtcDateTime,
        LastUsedAt = key.LastUsedAt?.UtcDateTime,
        LastUsedFrom = key.LastUsedFrom,
        Version = key.Version,
    };

    /// <exception cref="FormatException">The row holds what no version of this program has written.</exception>
    public static ApiKey ToKey(this ApiKeyRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Notes = row.Notes,
        Scopes = row.Scopes.Aggregate(Scopes.None, (all, name) => all | ParseScope(name)),
        Tier = row.Tier,
        Buckets = [.. row.Buckets.Select(name => BucketName.TryParse(name, out var wrong) ?? throw new FormatException($"The bucket {wrong}."))],
        Devices = [.. row.Devices.Select(DevicePattern.Parse)],
        Networks = [.. row.Networks.Select(network => IPNetwork.Parse(network))],
        Certificates = [.. row.Certificates.Select(text => CertificateFingerprint.TryParse(text) ?? throw new FormatException("A certificate's fingerprint."))],
        SecretHash = row.SecretHash,

        // A bare null would become an empty memory, not none.
        PreviousSecretHash = row.PreviousSecretHash is { } previous ? previous : default(ReadOnlyMemory<byte>?),
        PreviousSecretUntil = row.PreviousSecretUntil,
        CreatedAt = row.CreatedAt,
        ExpiresAt = row.ExpiresAt,
        RevokedAt = row.RevokedAt,
        LastUsedAt = row.LastUsedAt,
        LastUsedFrom = row.LastUsedFrom,
        Version = row.Version,
    };

    private static Scopes ParseScope(string name) =>
        ScopeNames.TryParse(name, out var scope) ? scope : throw new FormatException($"The scope '{name}' is not known.");
}
