using IotBackend.Application.Caching;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Caching;

/// <summary>
/// Fills the cache with the answers of the most asked queries when the program has started, and after a purge; keeps the list of them. The cache is each
/// node's own, and so each warms its own.
/// </summary>
internal sealed partial class CacheWarmingService(
    AskedQueries asked, IAskedQueryFile file, CacheWarming warming, CacheWarmer warmer, IHostApplicationLifetime lifetime, ILogger<CacheWarmingService> logger)
    : BackgroundService
{
    private volatile bool _isRestored;
    private int _kept;

    /// <summary>Keeps the list as it is now.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        // Before that, the list of the process before would be lost.
        if (!_isRestored)
            return;
        var queries = asked.MostAsked(AskedQueries.MaxKept);
        if (queries.Count == 0 && _kept == 0)
            return;
        await file.SaveAsync(queries, cancellationToken);
        _kept = queries.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends, perhaps before it has started: a failed start is told in one line, without this.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        var queries = await file.LoadAsync(stoppingToken);
        asked.Restore(queries);
        _kept = queries.Count;
        _isRestored = true;
        warming.Ask();
        while (!stoppingToken.IsCancellationRequested)
        {
            await warming.WaitAsync(stoppingToken);
            await WarmAsync(stoppingToken);
        }
    }

    private async Task WarmAsync(CancellationToken stoppingToken)
    {
        try
        {
            var warmed = await warmer.WarmAsync(_ => true, stoppingToken);
            if (warmed.Warmed + warmed.Failed.Count > 0)
                Log.Warmed(logger, warmed.Warmed, warmed.Failed.Count);
        }
#pragma warning disable CA1031 // Warming is a favour: whatever goes wrong must not end the program.
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(92, LogLevel.Information, "The cache is warmed with {Warmed} queries; {Failed} could not be answered")]
        public static partial void Warmed(ILogger logger, int warmed, int failed);

        [LoggerMessage(93, LogLevel.Error, "Warming the cache failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
