using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Tiers;

/// <summary>A rate-limit tier that was made or changed while the program ran; it goes before one of the same name in the configuration.</summary>
internal sealed class TierRow : IVersionedRow
{
    public required string Name { get; set; }

    /// <summary>Requests a window; null: no limit.</summary>
    public long? Requests { get; set; }

    /// <summary>Measurements a window; null: no limit.</summary>
    public long? Measurements { get; set; }

    public int WindowSeconds { get; set; }

    /// <summary>Measurements that may be saved up beyond a window's.</summary>
    public long Burst { get; set; }

    public int Version { get; set; }
}

internal sealed class TierRowConfiguration : IEntityTypeConfiguration<TierRow>
{
    public void Configure(EntityTypeBuilder<TierRow> tier)
    {
        tier.ToTable("tiers");
        tier.HasKey(row => row.Name);
        tier.Property(row => row.Name).HasMaxLength(64);
        tier.Property(row => row.Version).IsConcurrencyToken();
    }
}
