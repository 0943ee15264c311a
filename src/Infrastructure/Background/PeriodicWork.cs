using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Background;

/// <summary>Does something again and again while the program runs, and a last time when it ends, after the last request was answered.</summary>
/// <param name="name">What a person calls it.</param>
/// <param name="every">How often.</param>
/// <param name="work">What is done. What it could not do it does the next time.</param>
/// <param name="doesItAtTheEnd">Whether it is done at the end as well.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told what fails.</param>
internal sealed partial class PeriodicWork(
    string name, TimeSpan every, Func<CancellationToken, Task> work, bool doesItAtTheEnd, TimeProvider time, ILogger<PeriodicWork> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (doesItAtTheEnd)
            await TryAsync(isLast: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryAsync(isLast: false, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end. Told as such also when the program could not start, which else would look like a failure of this.
        }
    }

    // Whatever goes wrong must neither end the loop nor the program.
    private async Task TryAsync(bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
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
