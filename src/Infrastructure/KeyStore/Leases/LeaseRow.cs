using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Leases;

/// <summary>Which node does a work that one node at a time may do.</summary>
internal sealed class LeaseRow
{
    public required string Name { get; set; }

    /// <summary>The node, by a name that it gives itself when it starts.</summary>
    public required string Holder { get; set; }

    /// <summary>From then on another node may take it.</summary>
    public required DateTime Until { get; set; }
}

internal sealed class LeaseRowConfiguration : IEntityTypeConfiguration<LeaseRow>
{
    public void Configure(EntityTypeBuilder<LeaseRow> lease)
    {
        lease.ToTable("leases");
        lease.HasKey(row => row.Name);
        lease.Property(row => row.Name).HasMaxLength(64);
        lease.Property(row => row.Holder).HasMaxLength(32);
    }
}
