using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Measurements;

namespace IotBackend.Api.Measurements;

/// <summary>Section <c>Measurements:Limits</c>: what one request may bring.</summary>
public sealed class MeasurementLimits
{
    public const string Section = "Measurements:Limits";

    /// <summary>A single measurement's body, in bytes after decompression.</summary>
    [Range(1024, 1 << 20)]
    public int MeasurementBytes { get; set; } = 64 << 10;

    /// <summary>A batch's body, in bytes after decompression.</summary>
    [Range(64 << 10, 256 << 20)]
    public int BatchBytes { get; set; } = 8 << 20;

    /// <summary>Measurements in one batch.</summary>
    [Range(1, 100_000)]
    public int BatchMeasurements { get; set; } = 10_000;

    /// <summary>
    /// Minutes that a measurement's time may lie after its receipt. The largest reaches beyond the last time there is.
    /// </summary>
    [Range(0d, 150_000_000d)]
    public double MaxFutureMinutes { get; set; } = 10;

    internal TimestampLimits ToTimestampLimits() => new(TimeSpan.FromMinutes(MaxFutureMinutes));
}
