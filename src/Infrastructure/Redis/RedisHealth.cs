using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.Redis;

/// <summary>Without Redis this node goes on alone, so it is never more than degraded.</summary>
internal sealed class RedisHealth(RedisConnection connection, RedisNodeMessages messages) : IComponentHealth
{
    public string Name => "redis";

    public ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        !connection.Answers ? Degraded("Redis does not answer; this node goes on alone.")
        : connection.Refuses ? Degraded("Redis refuses what it is asked; its log and the program's tell why.")
        : !messages.HearsPeers ? Degraded("Another node fell silent without taking leave; until it is back, or for a minute, it counts as changing things unheard.")
        : !messages.IsConnected ? Degraded("What other nodes tell does not arrive yet.")
        : new ComponentHealth(HealthStatus.Healthy, connection.Latency.TotalMilliseconds));

    private static ComponentHealth Degraded(string message) => new(HealthStatus.Degraded, Message: message);
}
