using IotBackend.Application.Access.Audit;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Audit;

/// <summary>The audit log in the key store's database.</summary>
internal sealed class EfAuditLog(KeyStoreDatabase database) : IAuditLog
{
    public Task<long> AddAsync(AuditEntry entry, CancellationToken cancellationToken) => database.AskAsync(
        async context =>
        {
            var row = ToRow(entry);
            context.AuditEntries.Add(row);
            await context.SaveChangesAsync(cancellationToken);
            return row.Id;
        },
        cancellationToken);

    public Task CompleteAsync(AuditEntry entry, CancellationToken cancellationToken) => database.AskAsync(
        context => context.AuditEntries.Where(row => row.Id == entry.Id).ExecuteUpdateAsync(
            row => row
                .SetProperty(stored => stored.Outcome, entry.Outcome)
                .SetProperty(stored => stored.ObjectId, entry.ObjectId)
                .SetProperty(stored => stored.Before, entry.Before)
                .SetProperty(stored => stored.After, entry.After),
            cancellationToken),
        cancellationToken);

    private static AuditRow ToRow(AuditEntry entry) => new()
    {
        Time = entry.Time.UtcDateTime,
        Action = entry.Action,
        Outcome = entry.Outcome,
        ActorId = entry.ActorId,
        ActorName = entry.ActorName,
        Address = entry.Address,
        ObjectKind = entry.ObjectKind,
        ObjectId = entry.ObjectId,
        Before = entry.Before,
        After = entry.After,
        RequestId = entry.RequestId,
        Count = entry.Count,
    };
}
