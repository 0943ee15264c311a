using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Reads the tiers before the first request.</summary>
internal sealed class TiersOpening(Tiers tiers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => tiers.RefreshAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
