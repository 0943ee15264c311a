using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Counting in memory does not fail; what can be missing is news of the tiers.</summary>
internal sealed class RateLimiterHealth(Tiers tiers, RateLimiter limiter) : IComponentHealth
{
    public string Name => "rateLimiter";

    public ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var health = tiers.IsStale
            ? new ComponentHealth(HealthStatus.Degraded, Message: "The tiers can not be read now; those known last go on holding.")
            : new ComponentHealth(HealthStatus.Healthy);
        return ValueTask.FromResult(health with { Figures = new Dictionary<string, double> { ["keys"] = limiter.Count } });
    }
}
