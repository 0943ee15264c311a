using IotBackend.Application.Pipeline;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.SystemStatus;

/// <summary>How the system and each of its parts are. Asked by anyone at any rate, so an answer serves for a second.</summary>
public sealed record GetHealth : IQuery<SystemHealth>, ICachedQuery
{
    public CacheDeclaration Cache { get; } = new("system:health", TimeSpan.FromSeconds(1), []);
}

/// <param name="Status">The worst of the checks, except that nothing but an unhealthy part makes the whole unhealthy.</param>
/// <param name="CheckedAt">When the checks ran.</param>
/// <param name="Checks">By the part's name.</param>
public sealed record SystemHealth(HealthStatus Status, DateTimeOffset CheckedAt, IReadOnlyDictionary<string, ComponentHealth> Checks);

internal sealed class GetHealthHandler(IEnumerable<IComponentHealth> components, TimeProvider time)
    : IRequestHandler<GetHealth, Result<SystemHealth>>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Result<SystemHealth>> Handle(GetHealth request, CancellationToken cancellationToken)
    {
        var checks = components.Select(async component => (component.Name, Health: await CheckAsync(component, cancellationToken)));
        var results = (await Task.WhenAll(checks)).ToDictionary(check => check.Name, check => check.Health, StringComparer.Ordinal);
        var worst = results.Count == 0 ? HealthStatus.Healthy : results.Values.Max(check => check.Status);
        return new SystemHealth(worst, time.GetUtcNow(), results);
    }

    private async Task<ComponentHealth> CheckAsync(IComponentHealth component, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await component.CheckAsync(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ComponentHealth(HealthStatus.Unhealthy, null, $"No answer within {Patience.TotalSeconds} s.");
        }
    }
}
