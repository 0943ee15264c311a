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

    public Task<IReadOnlyList<long>> AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<long>>(
        async context =>
        {
            List<AuditRow> rows = [.. entries.Select(ToRow)];
            context.AuditEntries.AddRange(rows);
            await context.SaveChangesAsync(cancellationToken);
            return [.. rows.Select(row => row.Id)];
        },
        cancellationToken);

    public Task CountAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) => database.AskAsync(
        async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            foreach (var entry in entries)
            {
                await context.AuditEntries.Where(row => row.Id == entry.Id).ExecuteUpdateAsync(
                    row => row.SetProperty(stored => stored.Count, entry.Count), cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<AuditEntry>>(
        async context =>
        {
            var rows = await Select(context.AuditEntries.AsNoTracking(), filter)
                .OrderByDescending(row => row.Id)
                .Take(filter.Limit)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(ToEntry)];
        },
        cancellationToken);

    public async Task<int> RemoveAsync(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var time = before.UtcDateTime;
        try
        {
            return await database.AskAsync(
                async context =>
                {
                    // Read first: not every database deletes a limited number of rows.
                    var ids = await context.AuditEntries.Where(row => row.Time < time).OrderBy(row => row.Time).Select(row => row.Id).Take(most).ToListAsync(cancellationToken);
                    return ids.Count == 0 ? 0 : await context.AuditEntries.Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken);
        }
        catch (Exception exception) when (KeyStoreOutage.IsConflict(exception))
        {
            // Another node removes some of the same rows in another order. What is left goes the next time.
            return 0;
        }
    }

    private static IQueryable<AuditRow> Select(IQueryable<AuditRow> rows, AuditFilter filter)
    {
        if (filter.ActorId is { } actor)
            rows = rows.Where(row => row.ActorId == actor);
        if (filter.Action is { } action)
            rows = rows.Where(row => row.Action == action);
        if (filter.ObjectKind is { } kind)
            rows = rows.Where(row => row.ObjectKind == kind);
        if (filter.ObjectId is { } id)
            rows = rows.Where(row => row.ObjectId == id);
        if (filter.Outcome is { } outcome)
            rows = outcome == AuditFilter.Open ? rows.Where(row => row.Outcome == null) : rows.Where(row => row.Outcome == outcome);
        if (filter.Address is { } address)
            rows = rows.Where(row => row.Address == address);
        if (filter.From?.UtcDateTime is { } from)
            rows = rows.Where(row => row.Time >= from);
        if (filter.To?.UtcDateTime is { } to)
            rows = rows.Where(row => row.Time < to);
        return filter.Before is { } before ? rows.Where(row => row.Id < before) : rows;
    }

    private static AuditEntry ToEntry(AuditRow row) => new()
    {
        Id = row.Id,
        Time = row.Time,
        Action = row.Action,
        Outcome = row.Outcome,
        ActorId = row.ActorId,
        ActorName = row.ActorName,
        Address = row.Address,
        ObjectKind = row.ObjectKind,
        ObjectId = row.ObjectId,
        Before = row.Before,
        After = row.After,
        RequestId = row.RequestId,
        Count = row.Count,
    };

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
