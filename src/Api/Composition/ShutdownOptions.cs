using System.ComponentModel.DataAnnotations;

namespace IotBackend.Api.Composition;

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>Seconds between the moment when readiness turns off and the one when no further connection is taken.</summary>
    [Range(0d, 300d)]
    public double DrainSeconds { get; set; } = 1;

    /// <summary>Seconds that requests in flight and the flush to disk may take.</summary>
    [Range(1d, 600d)]
    public double TimeoutSeconds { get; set; } = 30;
}
