using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Blocks;

/// <summary>An address or a key that is kept out. One row a value.</summary>
internal sealed class BlockRow
{
    public required string Id { get; set; }

    /// <summary><c>address</c> or <c>key</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>The id of a key, or an address or a network in CIDR notation.</summary>
    public required string Value { get; set; }

    public required string Reason { get; set; }

    public required DateTime CreatedAt { get; set; }

    /// <summary>Null: until it is taken away.</summary>
    public DateTime? Until { get; set; }

    /// <summary>How often a rule has blocked the value in a row, which lets blocks grow; 0 for one made by hand.</summary>
    public int Count { get; set; }
}

internal sealed class BlockRowConfiguration : IEntityTypeConfiguration<BlockRow>
{
    public void Configure(EntityTypeBuilder<BlockRow> block)
    {
        block.ToTable("blocks");
        block.HasKey(row => row.Id);
        block.Property(row => row.Id).HasMaxLength(32);
        block.Property(row => row.Kind).HasMaxLength(16);
        block.Property(row => row.Value).HasMaxLength(64);
        block.Property(row => row.Reason).HasMaxLength(256);
        block.HasIndex(row => new { row.Kind, row.Value }).IsUnique();
        block.HasIndex(row => row.Until);
        block.HasIndex(row => row.CreatedAt);
    }
}
