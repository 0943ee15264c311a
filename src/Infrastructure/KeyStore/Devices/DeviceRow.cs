using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Devices;

/// <summary>What was counted of a device by all nodes. Times in nanoseconds since 1970.</summary>
internal sealed class DeviceRow
{
    public required string Bucket { get; set; }

    public required string Device { get; set; }

    public long FirstSeen { get; set; }

    public long LastSeen { get; set; }

    /// <summary>None: nothing is left of it.</summary>
    public long Measurements { get; set; }

    /// <summary>When it was changed last, in milliseconds, by the clock of the node that changed it.</summary>
    public long Changed { get; set; }
}

internal sealed class DeviceRowConfiguration : IEntityTypeConfiguration<DeviceRow>
{
    public void Configure(EntityTypeBuilder<DeviceRow> device)
    {
        device.ToTable("devices");
        device.HasKey(row => new { row.Bucket, row.Device });
        device.Property(row => row.Bucket).HasMaxLength(128);
        device.Property(row => row.Device).HasMaxLength(128);
        device.HasIndex(row => row.Changed);
    }
}
