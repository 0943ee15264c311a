using IotBackend.Application.Access.Audit;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.KeyStore.Audit;

/// <summary>Removes what is older than the audit log keeps, in small portions.</summary>
internal sealed partial class AuditCleaner(IAuditLog log, AuditKeeping keeping, TimeProvider time, ILogger<AuditCleaner> logger)
{
    // A portion holds the one writer of SQLite for some milliseconds; between two, others have their turn.
    private const int Portion = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
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

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "{Removed} entries of the audit log from before {Before} were removed")]
        public static partial void Removed(ILogger logger, int removed, DateTimeOffset before);
    }
}
