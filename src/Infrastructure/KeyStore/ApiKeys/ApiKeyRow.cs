using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.ApiKeys;

/// <summary>A key as a row. Lists are JSON arrays of text, or arrays where the database has them; times are UTC.</summary>
internal sealed class ApiKeyRow : IVersionedRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string Notes { get; set; }

    public required List<string> Scopes { get; set; }

    public required string Tier { get; set; }

    public required List<string> Buckets { get; set; }

    public required List<string> Devices { get; set; }

    public required List<string> Networks { get; set; }

    /// <summary>SHA-256 of client certificates, as 64 hexadecimal digits.</summary>
    public required List<string> Certificates { get; set; }

    public required byte[] SecretHash { get; set; }

    public byte[]? PreviousSecretHash { get; set; }

    public DateTime? PreviousSecretUntil { get; set; }

    public required DateTime CreatedAt { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public DateTime? RevokedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    public string? LastUsedFrom { get; set; }

    public int Version { get; set; }
}

internal sealed class ApiKeyRowConfiguration : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> key)
    {
        key.ToTable("api_keys");
        key.HasKey(row => row.Id);
        key.Property(row => row.Id).HasMaxLength(32);
        key.Property(row => row.Name).HasMaxLength(128);
        key.Property(row => row.Notes).HasMaxLength(2048);
        key.Property(row => row.Tier).HasMaxLength(64);
        key.Property(row => row.SecretHash).HasMaxLength(32);
        key.Property(row => row.PreviousSecretHash).HasMaxLength(32);
        key.Property(row => row.LastUsedFrom).HasMaxLength(64);
        key.Property(row => row.Version).IsConcurrencyToken();
        key.HasIndex(row => row.CreatedAt);
        key.HasIndex(row => row.Tier);
    }
}
