using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Empties the spool and keeps the list of buckets fresh while the program runs; at the end everything taken is answered.</summary>
internal sealed partial class InfluxDbLifetime(
    SpoolDrain drain, InfluxDbBuckets buckets, BucketChannels channels, TimeProvider time, ILogger<InfluxDbLifetime> logger) : BackgroundService
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
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
        // The drain first: it may hold the turn that those who wait for an answer need.
        await base.StopAsync(cancellationToken);
        await channels.CloseAsync().WaitAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        GoOnAsync(drain.RunAsync, stoppingToken),
        GoOnAsync(RefreshAsync, stoppingToken));

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RefreshEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await buckets.RefreshAsync(stoppingToken);
    }

    // Whatever goes wrong in it, such as an answer that nobody expects, must neither end the loop nor the program.
    private async Task GoOnAsync(Func<CancellationToken, Task> run, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await run(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // See above.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
                await Task.Delay(PauseAfterFailure, time, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Error, "Work in the background failed and is begun again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
