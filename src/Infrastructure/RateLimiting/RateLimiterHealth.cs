using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Redis;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Counting in memory does not fail; what can be missing is news of the tiers, and what other nodes count.</summary>
internal sealed class RateLimiterHealth(Tiers tiers, RateLimiter limiter, RedisConnection? redis = null) : IComponentHealth
{
    public string Name => "rateLimiter";

    public ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var health = tiers.IsStale
            ? new ComponentHealth(HealthStatus.Degraded, Message: "The tiers can not be read now; those known last go on holding.")
            : redis is { Answers: false } or { Refuses: true } ? new ComponentHealth(HealthStatus.Degraded, Message: "Redis does not answer; each node counts for itself.")
            : new ComponentHealth(HealthStatus.Healthy);
        return ValueTask.FromResult(health with { Figures = new Dictionary<string, double> { ["keys"] = limiter.Count } });
    }
}
