using IotBackend.Application.Access.Blocks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.KeyStore.Blocks;

/// <summary>Keeps the blocks in memory and those in the database the same: once before the first request, then every few seconds.</summary>
internal sealed partial class BlockUpkeep(BlockSynchronization blocks, BlockRefreshing refreshing, TimeProvider time, ILogger<BlockUpkeep> logger) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RunAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(refreshing.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await blocks.RunAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Whatever goes wrong once must not end the upkeep for good, nor the program.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, exception);
        }
#pragma warning restore CA1031
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Blocks could not be stored or refreshed; the next round tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
