using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Reads a value, and tells whether writes reach the disk and memory is moved there in time.</summary>
internal sealed class EmbeddedStoreHealth(EmbeddedStore store, TimeProvider time) : IComponentHealth
{
    private static readonly LatestQuery Probe = new(new MeasurementFilter(BucketName.Default, ["health-probe"], [], [], [], DeviceSet.All), 1, null);

    public string Name => "measurementStore";

    public async ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var read = await store.ReadLatestAsync(Probe, cancellationToken);
        var latency = time.GetElapsedTime(start).TotalMilliseconds;
        if (!read.IsSuccess || store.IsFailing)
            return new ComponentHealth(HealthStatus.Unhealthy, latency, "Measurements can not be written or read; the log tells why.");
        return store.IsUnderPressure
            ? new ComponentHealth(HealthStatus.Degraded, latency, "Measurements wait in memory: moving them into chunks fails or is slower than they come.")
            : new ComponentHealth(HealthStatus.Healthy, latency);
    }
}
