using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Empties the spool and keeps the list of buckets fresh while the program runs; at the end everything taken is answered.</summary>
internal sealed class InfluxDbLifetime(SpoolDrain drain, InfluxDbBuckets buckets, BucketChannels channels, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);

    /// <summary>Starts whether InfluxDB answers or not; waits for it a moment, so that the first requests find it known.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var first = buckets.RefreshAsync(cancellationToken).AsTask();
        await Task.WhenAny(first, Task.Delay(FirstPatience, time, cancellationToken));
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // First what clients wait for; it needs neither of the loops.
        await channels.CloseAsync();
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(drain.RunAsync(stoppingToken), RefreshAsync(stoppingToken));

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RefreshEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await buckets.RefreshAsync(stoppingToken);
    }
}
