using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Access.Audit;

/// <summary>Writes collected security events as structured log lines and, while the key store answers, to the audit log. One run at a time.</summary>
public sealed class SecurityEventWriter(SecurityEvents events, IAuditLog log, AuditKeeping keeping, ILogger<SecurityLog> logger)
{
    private readonly HashSet<Collected> _waiting = [];

    // What waits for the key store is bounded as well, for each source.
    private int MostWaiting => 10 * keeping.EventsAMinute;

    /// <summary>One round.</summary>
    /// <param name="isLast">Writes what would still be counted: nothing more will come.</param>
    /// <param name="cancellationToken">Ends the round.</param>
    public async Task RunAsync(bool isLast, CancellationToken cancellationToken)
    {
        var batch = events.Take(isLast);
        WriteLog(batch);
        KeepWaiting(batch);
        if (_waiting.Count == 0)
            return;
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // The key store has told of its outage itself; what waits is written when it answers again.
        }
    }

    private void KeepWaiting(SecurityEventBatch batch)
    {
        var waiting = new int[EventSources.Count];
        foreach (var collected in _waiting)
            waiting[(int)collected.Source]++;
        foreach (var collected in batch.Added.Concat(batch.Counted))
        {
            ref var ofSource = ref waiting[(int)collected.Source];
            if (ofSource < MostWaiting && _waiting.Add(collected))
                ofSource++;
        }
    }

    private void WriteLog(SecurityEventBatch batch)
    {
        foreach (var collected in batch.Added.Where(collected => !collected.IsLogged).Concat(batch.Counted))
        {
            collected.IsLogged = true;
            SecurityLog.Write(logger, collected.Entry);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        Collected[] added = [.. _waiting.Where(collected => !collected.IsWritten)];
        AuditEntry[] entries = [.. added.Select(collected => collected.Entry)];
        if (entries.Length > 0)
        {
            var ids = await log.AddAsync(entries, cancellationToken);
            for (var i = 0; i < entries.Length; i++)
            {
                added[i].Written = entries[i] with { Id = ids[i] };
                _waiting.Remove(added[i]);
            }
        }

        AuditEntry[] counted = [.. _waiting.Select(collected => collected.Entry)];
        if (counted.Length > 0)
            await log.CountAsync(counted, cancellationToken);
        _waiting.Clear();
    }
}
