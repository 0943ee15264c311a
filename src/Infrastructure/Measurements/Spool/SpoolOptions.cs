using System.ComponentModel.DataAnnotations;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>Section <c>Measurements:Spool</c>.</summary>
internal sealed class SpoolOptions
{
    public const string Section = "Measurements:Spool";

    /// <summary>Bytes of measurements, as they will be sent, that may lie on disk: those that wait and those that were refused together.</summary>
    [Range(1048576d, 1099511627776d)]
    public long MaxBytes { get; set; } = 1L << 30;
}
