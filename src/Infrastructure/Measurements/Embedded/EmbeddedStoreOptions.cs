using System.ComponentModel.DataAnnotations;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Section <c>Measurements:Embedded</c>.</summary>
public sealed class EmbeddedStoreOptions
{
    public const string Section = "Measurements:Embedded";

    /// <summary>Bytes of recent points in memory at which they are flushed into chunks; at twice as many, writers wait.</summary>
    [Range(1048576d, 17179869184d)]
    public long MemtableBytes { get; set; } = 32L << 20;

    /// <summary>Seconds after which points are flushed even when they are few.</summary>
    [Range(1d, 86_400d)]
    public double FlushSeconds { get; set; } = 300;

    /// <summary>Seconds that a write waits when memory is full, before it is refused as overloaded.</summary>
    [Range(0.1, 60d)]
    public double MaxWaitSeconds { get; set; } = 5;
}
