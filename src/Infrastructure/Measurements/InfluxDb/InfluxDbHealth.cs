using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Whether InfluxDB answers. While it does not, measurements are queued, so that this is only degraded.</summary>
internal sealed class InfluxDbHealth(InfluxDbClient client, OutageGate gate, TimeProvider time) : IComponentHealth
{
    public string Name => "measurementStore";

    public async ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        const string down = "InfluxDB does not answer: measurements are queued, and can not be read.";
        if (gate.IsShut)
            return new ComponentHealth(HealthStatus.Degraded, null, down);
        var start = time.GetTimestamp();
        try
        {
            await client.PingAsync(cancellationToken);
            return new ComponentHealth(HealthStatus.Healthy, time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (InfluxDbException)
        {
            return new ComponentHealth(HealthStatus.Degraded, time.GetElapsedTime(start).TotalMilliseconds, down);
        }
    }
}
