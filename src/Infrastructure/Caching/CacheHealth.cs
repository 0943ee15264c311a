using IotBackend.Application.Caching;
using IotBackend.Application.Nodes;
using IotBackend.Application.SystemStatus;

namespace IotBackend.Infrastructure.Caching;

/// <summary>A cache in memory does not fail; what can be missing is word of the other nodes.</summary>
internal sealed class CacheHealth(AnswerCache cache, INodeMessages messages) : IComponentHealth
{
    public string Name => "cache";

    public ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var health = messages.IsConnected
            ? new ComponentHealth(HealthStatus.Healthy)
            : new ComponentHealth(HealthStatus.Degraded, Message: "Other nodes are not heard now; every answer serves for a second at most.");
        var figures = cache.Figures;
        return ValueTask.FromResult(health with
        {
            Figures = new Dictionary<string, double> { ["entries"] = figures.Entries, ["bytes"] = figures.Bytes, ["hitRate"] = Math.Round(figures.HitRate, 4) },
        });
    }
}
