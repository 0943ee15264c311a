using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Background;

/// <summary>Does something again and again while the program runs, and, where that is asked for, at its start and its end.</summary>
/// <param name="name">What a person calls it.</param>
/// <param name="every">How often.</param>
/// <param name="work">What is done. What it could not do it does the next time.</param>
/// <param name="times">When it is done beside that.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told what fails.</param>
/// <param name="last">What is done at the end instead, where that is something else.</param>
internal sealed partial class PeriodicWork(
    string name, TimeSpan every, Func<CancellationToken, Task> work, PeriodicTimes times, TimeProvider time, ILogger<PeriodicWork> logger, Func<CancellationToken, Task>? last = null)
    : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (times.HasFlag(PeriodicTimes.BeforeStart))
            await TryAsync(work, isLast: false, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (times.HasFlag(PeriodicTimes.AtEnd))
            await TryAsync(last ?? work, isLast: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            if (times.HasFlag(PeriodicTimes.AtOnce))
                await TryAsync(work, isLast: false, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryAsync(work, isLast: false, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end. Told as such also when the program could not start, which else would look like a failure of this.
        }
    }

    // Whatever goes wrong must neither end the loop nor the program.
    private async Task TryAsync(Func<CancellationToken, Task> act, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end, or the end of the time for it.
        }
        catch (KeyStoreUnavailableException) when (!isLast)
        {
            // Told by the key store, once an outage; the next attempt does it.
        }
#pragma warning disable CA1031 // See above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Error, "Work in the background failed: {Name}")]
        public static partial void Failed(ILogger logger, Exception exception, string name);
    }
}
