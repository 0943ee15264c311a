using IotBackend.Api.Http.OpenApi;

namespace IotBackend.Api.SystemStatus;

// These types describe the contract's JSON for the OpenAPI document.

/// <summary>The status of the whole and of each part: healthy, degraded or unhealthy.</summary>
public sealed record HealthDocument(
    string Status, string Name, string Version, DateTimeOffset Timestamp, long UptimeSeconds, IReadOnlyDictionary<string, HealthCheckDocument> Checks);

/// <summary>The status of a part.</summary>
[FurtherNumbers("A figure of the part, such as the depth of a queue.")]
public sealed record HealthCheckDocument(string Status)
{
    public double LatencyMs { get; init; }

    public string Message { get; init; } = string.Empty;
}

/// <summary>The answer to a probe.</summary>
public sealed record ProbeDocument(string Status);
