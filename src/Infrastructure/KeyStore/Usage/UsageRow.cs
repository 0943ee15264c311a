using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Usage;

/// <summary>What a key used in an hour or a day (UTC).</summary>
internal sealed class UsageRow
{
    public required string KeyId { get; set; }

    /// <summary>Length of the period: 1 or 24.</summary>
    public int Hours { get; set; }

    public required DateTime From { get; set; }

    public long Requests { get; set; }

    public long Measurements { get; set; }

    public long Bytes { get; set; }

    public long Rejected { get; set; }
}

internal sealed class UsageRowConfiguration : IEntityTypeConfiguration<UsageRow>
{
    public void Configure(EntityTypeBuilder<UsageRow> usage)
    {
        usage.ToTable("usage");
        usage.HasKey(row => new { row.KeyId, row.Hours, row.From });
        usage.Property(row => row.KeyId).HasMaxLength(32);
        usage.HasIndex(row => new { row.Hours, row.From });
    }
}
