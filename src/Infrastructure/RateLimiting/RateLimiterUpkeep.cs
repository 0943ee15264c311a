using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Reads the tiers at the start and again every few seconds, and forgets idle counters.</summary>
internal sealed class RateLimiterUpkeep(Tiers tiers, RateLimiter limiter, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await tiers.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RefreshAsync(stoppingToken), SweepAsync(stoppingToken));

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RefreshEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await tiers.RefreshAsync(stoppingToken);
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            limiter.Sweep();
    }
}
