namespace IotBackend.Infrastructure.KeyStore;

/// <summary>A key as a row. Lists are JSON arrays of text; times are UTC.</summary>
internal sealed class ApiKeyRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string Notes { get; set; }

    public required List<string> Scopes { get; set; }

    public required string Tier { get; set; }

    public required List<string> Buckets { get; set; }

    public required List<string> Devices { get; set; }

    public required List<string> Networks { get; set; }

    public required byte[] SecretHash { get; set; }

    public byte[]? PreviousSecretHash { get; set; }

    public DateTime? PreviousSecretUntil { get; set; }

    public required DateTime CreatedAt { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public DateTime? RevokedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    public string? LastUsedFrom { get; set; }

    /// <summary>Grows with every change; two changes of the same version conflict.</summary>
    public int Version { get; set; }
}
