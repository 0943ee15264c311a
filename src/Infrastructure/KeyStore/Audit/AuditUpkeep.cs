using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.KeyStore.Audit;

/// <summary>Writes security events every second or two, and, on one of the nodes, removes what is older than the log keeps every hour, in small portions.</summary>
internal sealed partial class AuditUpkeep(
    SecurityEventWriter events, IAuditLog log, AuditKeeping keeping, ILeases leases, TimeProvider time, ILogger<AuditUpkeep> logger) : BackgroundService
{
    // A portion holds the one writer of SQLite for some milliseconds; between two, others have their turn.
    private const int Portion = 500;

    private static readonly TimeSpan WritingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(token => events.RunAsync(isLast: true, token), cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(WritingInterval, token => events.RunAsync(isLast: false, token), stoppingToken),
        RepeatAsync(CleaningInterval, CleanAsync, stoppingToken));

    // By one of the nodes that share the log; the events are each node's own.
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        if (!await leases.TryTakeForAsync("audit-clean-up", CleaningInterval, cancellationToken))
            return;
        var before = time.GetUtcNow() - keeping.Retention;
        var removed = 0;
        for (int some; (some = await log.RemoveAsync(before, Portion, cancellationToken)) > 0;)
        {
            removed += some;
            await Task.Delay(Pause, time, cancellationToken);
        }

        if (removed > 0)
            Log.Removed(logger, removed, before);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                await TryAsync(act, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // The key store has told of its outage itself; the next round tries again.
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
        [LoggerMessage(1, LogLevel.Error, "Upkeep of the audit log failed; the next round tries again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "{Removed} entries of the audit log from before {Before} were removed")]
        public static partial void Removed(ILogger logger, int removed, DateTimeOffset before);
    }
}
