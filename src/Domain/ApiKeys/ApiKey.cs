using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;

namespace IotBackend.Domain.ApiKeys;

/// <summary>
/// A key as it is kept: what it grants and the hash of its secret, never the secret. Empty lists mean all.
/// The secret before the last rotation works until <see cref="PreviousSecretUntil"/>.
/// </summary>
public sealed record ApiKey
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string Notes { get; init; } = string.Empty;

    public required Scopes Scopes { get; init; }

    public required string Tier { get; init; }

    public IReadOnlyList<BucketName> Buckets { get; init; } = [];

    public IReadOnlyList<DevicePattern> Devices { get; init; } = [];

    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Client certificates that stand for the key; unlike the other lists, an empty one means none.</summary>
    public IReadOnlyList<CertificateFingerprint> Certificates { get; init; } = [];

    /// <summary>SHA-256 of the secret, 32 bytes: the secret has 190 bits of entropy, so that a slow hash would add nothing.</summary>
    public required ReadOnlyMemory<byte> SecretHash { get; init; }

    public ReadOnlyMemory<byte>? PreviousSecretHash { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public string? LastUsedFrom { get; init; }

    /// <summary>Grows with every change that is stored, from 0.</summary>
    public int Version { get; init; }

    public ApiKeyStatus StatusAt(DateTimeOffset now) =>
        RevokedAt is not null ? ApiKeyStatus.Revoked
        : ExpiresAt <= now ? ApiKeyStatus.Expired
        : ApiKeyStatus.Active;

    /// <summary>The hash of the secret before the last rotation while it still works, else null.</summary>
    public ReadOnlyMemory<byte>? SecretBefore(DateTimeOffset now) => PreviousSecretUntil > now ? PreviousSecretHash : null;

    public DeviceSet ToDeviceSet() => Devices.Count == 0 ? DeviceSet.All : new DeviceSet(Devices);

    public Caller ToCaller() => new(Id, Name, Scopes, Tier, Buckets, ToDeviceSet(), Networks);
}

public enum ApiKeyStatus
{
    Active,
    Expired,
    Revoked,
}
