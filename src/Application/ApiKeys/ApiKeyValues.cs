using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;

namespace IotBackend.Application.ApiKeys;

/// <summary>What a request says of a key. What it does not say is null, and stays as it is.</summary>
public sealed record ApiKeyValues
{
    public static ApiKeyValues None { get; } = new();

    /// <summary>1–128 characters.</summary>
    public string? Name { get; init; }

    /// <summary>At most 2,048 characters.</summary>
    public string? Notes { get; init; }

    public Scopes? Scopes { get; init; }

    public string? Tier { get; init; }

    public IReadOnlyList<BucketName>? Buckets { get; init; }

    public IReadOnlyList<DevicePattern>? Devices { get; init; }

    public IReadOnlyList<IPNetwork>? Networks { get; init; }

    public IReadOnlyList<CertificateFingerprint>? Certificates { get; init; }

    /// <summary>Says that <see cref="ExpiresAt"/> counts, also when it is null, which means never.</summary>
    public bool HasExpiresAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public ApiKey ApplyTo(ApiKey key) => key with
    {
        Name = Name ?? key.Name,
        Notes = Notes ?? key.Notes,
        Scopes = Scopes ?? key.Scopes,
        Tier = Tier ?? key.Tier,
        Buckets = Buckets ?? key.Buckets,
        Devices = Devices ?? key.Devices,
        Networks = Networks ?? key.Networks,
        Certificates = Certificates ?? key.Certificates,
        ExpiresAt = HasExpiresAt ? ExpiresAt : key.ExpiresAt,
    };
}
