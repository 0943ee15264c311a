using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;

namespace IotBackend.Application.ApiKeys;

/// <summary>A key as the audit log has it: all but its secrets.</summary>
internal static class ApiKeyAudit
{
    public const string Kind = "key";

    public static object Describe(ApiKey key) => new
    {
        key.Name,
        key.Notes,
        Scopes = key.Scopes.ToNames(),
        key.Tier,
        Buckets = key.Buckets.Select(bucket => bucket.Value),
        Devices = key.Devices.Select(device => device.Text),
        Networks = key.Networks.Select(network => network.ToString()),
        Certificates = key.Certificates.Select(certificate => certificate.Value),
        key.ExpiresAt,
        key.RevokedAt,
        OldSecretUntil = key.PreviousSecretUntil,
    };
}
