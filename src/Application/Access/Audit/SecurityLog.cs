using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Access.Audit;

/// <summary>The entries of the audit log as structured log lines, all in the category of this type.</summary>
public sealed partial class SecurityLog
{
    private SecurityLog()
    {
    }

    /// <summary>Writes an entry: what succeeded as information, what failed as a warning. Before and after stand in the audit log only.</summary>
    public static void Write(ILogger<SecurityLog> logger, AuditEntry entry)
    {
        var level = entry.Outcome == AuditEntry.Done ? LogLevel.Information : LogLevel.Warning;
        Log.Happened(logger, level, entry.Action, entry.Outcome, entry.ObjectKind, entry.ObjectId, entry.ActorId, entry.Address, entry.RequestId, entry.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 40, Message = "{Action}: {Outcome} ({ObjectKind} {ObjectId}) by {ActorId} from {Address}, request {RequestId}, {Count} times")]
        public static partial void Happened(
            ILogger logger, LogLevel level, string action, string? outcome, string? objectKind, string? objectId, string? actorId, string? address, string? requestId, int count);
    }
}
