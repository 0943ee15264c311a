namespace IotBackend.Application.SystemStatus;

/// <summary>A part of the system that can tell how it is. Each adapter registers one.</summary>
public interface IComponentHealth
{
    /// <summary>The name under <c>checks</c> in the answer of <c>GET /health</c>, such as <c>measurementStore</c>.</summary>
    string Name { get; }

    /// <summary>Looks now; must not throw for what it looks for, and says in <see cref="ComponentHealth.Message"/> nothing internal.</summary>
    ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken);
}

public enum HealthStatus
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <param name="Status">Unhealthy when requests fail because of it, degraded when something is missing but requests succeed.</param>
/// <param name="LatencyMs">How long the check's own operation took, in milliseconds; null when it made none.</param>
/// <param name="Message">A sentence for a person when it is not healthy.</param>
public sealed record ComponentHealth(HealthStatus Status, double? LatencyMs = null, string? Message = null)
{
    /// <summary>Further members of the check in the answer, by camelCase name, such as the depth of a queue.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = NoFigures;

    private static readonly Dictionary<string, double> NoFigures = [];
}
