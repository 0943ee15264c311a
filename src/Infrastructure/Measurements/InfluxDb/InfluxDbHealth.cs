using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Whether InfluxDB answers. While it does not, measurements are queued, so that this is only degraded.</summary>
internal sealed class InfluxDbHealth(InfluxDbClient client, OutageGate gate, TimeProvider time) : IComponentHealth
{
    // Sooner than a write gives up, and than whoever asks for the health does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public string Name => "measurementStore";

    public async ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        const string down = "InfluxDB does not answer: measurements are queued, and can not be read.";
        if (gate.IsShut)
            return new ComponentHealth(HealthStatus.Degraded, null, down);
        var start = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await client.PingAsync(either.Token);
            return new ComponentHealth(HealthStatus.Healthy, time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception exception) when (exception is InfluxDbException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ComponentHealth(HealthStatus.Degraded, time.GetElapsedTime(start).TotalMilliseconds, down);
        }
    }
}
