using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Commits something small through the same queue as every write, and tells whether memory is moved to disk in time.</summary>
internal sealed class EmbeddedStoreHealth(EmbeddedStore store, TimeProvider time) : IComponentHealth
{
    public string Name => "measurementStore";

    public async ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        if (store.IsFailing)
            return Failing(null);
        if (store.IsUnderPressure)
            return new ComponentHealth(HealthStatus.Degraded, null, "Measurements wait in memory: moving them into chunks fails or is slower than they come.");
        var start = time.GetTimestamp();
        var probe = await store.ProbeAsync();
        var latency = time.GetElapsedTime(start).TotalMilliseconds;
        return probe.IsSuccess ? new ComponentHealth(HealthStatus.Healthy, latency) : Failing(latency);
    }

    private static ComponentHealth Failing(double? latency) =>
        new(HealthStatus.Unhealthy, latency, "Measurements can not be written; the log tells why.");
}
