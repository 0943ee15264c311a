using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Measurements;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Idempotency;

/// <summary>
/// Idempotency keys in the key store's database. Times are those of the nodes: when their clocks differ, an attempt may be taken over while it goes on,
/// and then both store the same.
/// </summary>
internal sealed class EfIdempotencyStore(KeyStoreDatabase database) : IIdempotencyStore
{
    // Each further one means that another attempt was faster.
    private const int Tries = 5;

    public async Task<IdempotencyState> BeginAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Tries; i++)
        {
            if (await database.AskAsync(context => TryBeginAsync(context, id, attempt, cancellationToken), cancellationToken) is { } state)
                return state;
        }

        return new IdempotencyState(IdempotencyOutcome.InProgress, default, null);
    }

    public Task CompleteAsync(IdempotencyId id, IdempotencyAttempt attempt, KeptAnswer answer, CancellationToken cancellationToken)
    {
        var (status, body) = ((int?)answer.Status, answer.Body.ToArray());
        return database.AskAsync(
            context => Own(context, id, attempt.Token).ExecuteUpdateAsync(
                row => row.SetProperty(stored => stored.Status, status).SetProperty(stored => stored.Answer, body), cancellationToken),
            cancellationToken);
    }

    public Task ReleaseAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken) => database.AskAsync(
        context => Own(context, id, attempt.Token).ExecuteUpdateAsync(row => row.SetProperty(stored => stored.AttemptUntil, DateTime.UnixEpoch), cancellationToken),
        cancellationToken);

    public Task ForgetAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken) =>
        database.AskAsync(context => Own(context, id, attempt.Token).ExecuteDeleteAsync(cancellationToken), cancellationToken);

    public Task<int> RemoveAsync(DateTimeOffset before, int some, CancellationToken cancellationToken)
    {
        var time = before.UtcDateTime;
        return RemoveOldestAsync(records => records.Where(row => row.CreatedAt < time), some, static _ => true, cancellationToken);
    }

    public async Task<int> RemoveBeyondAsync(int mostOfAKey, long mostBytesOfAKey, int some, CancellationToken cancellationToken)
    {
        var beyond = await database.AskAsync(
            context => context.Idempotency.GroupBy(row => row.KeyId)
                .Select(group => new { KeyId = group.Key, Count = group.Count(), Bytes = group.Sum(row => row.Answer == null ? 0L : (long)row.Answer.Length) })
                .Where(key => key.Count > mostOfAKey || key.Bytes > mostBytesOfAKey).ToListAsync(cancellationToken),
            cancellationToken);
        var removed = 0;
        foreach (var key in beyond)
        {
            var (count, bytes) = (key.Count - mostOfAKey, key.Bytes - mostBytesOfAKey);
            removed += await RemoveOldestAsync(
                records => records.Where(row => row.KeyId == key.KeyId), some, size => (count-- > 0) | (Take(ref bytes, size) > 0), cancellationToken);
        }

        return removed;
    }

    // What was left before it was taken.
    private static long Take(ref long left, long some)
    {
        var before = left;
        left -= some;
        return before;
    }

    private static async Task<IdempotencyState?> TryBeginAsync(
        KeyStoreContext context, IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken)
    {
        if (await TryAddAsync(context, id, attempt, cancellationToken))
            return new IdempotencyState(IdempotencyOutcome.Begun, attempt.ReceivedAt, null);
        var row = await Find(context, id).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (row is null)
            return null;
        if (row.CreatedAt < attempt.ExpiredBefore.UtcDateTime)
            return await TryReplaceAsync(context, id, row, attempt, cancellationToken) ? new IdempotencyState(IdempotencyOutcome.Begun, attempt.ReceivedAt, null) : null;
        var receivedAt = new Timestamp(row.ReceivedAt);
        if (!attempt.Fingerprint.Span.SequenceEqual(row.Fingerprint))
            return new IdempotencyState(IdempotencyOutcome.Reused, receivedAt, null);
        if (row.Status is { } status)
            return new IdempotencyState(IdempotencyOutcome.Answered, receivedAt, new KeptAnswer(status, row.Answer));
        if (row.AttemptUntil > attempt.Now.UtcDateTime)
            return new IdempotencyState(IdempotencyOutcome.InProgress, receivedAt, null);
        return await TryTakeOverAsync(context, id, row, attempt, cancellationToken) ? new IdempotencyState(IdempotencyOutcome.Resumed, receivedAt, null) : null;
    }

    private static async Task<bool> TryAddAsync(KeyStoreContext context, IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "idempotency" ("KeyId", "Digest", "Fingerprint", "ReceivedAt", "CreatedAt", "Attempt", "AttemptUntil")
            VALUES ({id.KeyId}, {id.Digest.ToArray()}, {attempt.Fingerprint.ToArray()}, {attempt.ReceivedAt.Nanoseconds}, {attempt.Now.UtcDateTime},
            {attempt.Token}, {attempt.Until.UtcDateTime})
            ON CONFLICT ("KeyId", "Digest") DO NOTHING
            """,
            cancellationToken) > 0;

    private static async Task<bool> TryReplaceAsync(
        KeyStoreContext context, IdempotencyId id, IdempotencyRow row, IdempotencyAttempt attempt, CancellationToken cancellationToken)
    {
        var (fingerprint, received, now, until) =
            (attempt.Fingerprint.ToArray(), attempt.ReceivedAt.Nanoseconds, attempt.Now.UtcDateTime, attempt.Until.UtcDateTime);
        return await Own(context, id, row.Attempt).ExecuteUpdateAsync(
            stored => stored
                .SetProperty(record => record.Fingerprint, fingerprint)
                .SetProperty(record => record.ReceivedAt, received)
                .SetProperty(record => record.CreatedAt, now)
                .SetProperty(record => record.Attempt, attempt.Token)
                .SetProperty(record => record.AttemptUntil, until)
                .SetProperty(record => record.Status, (int?)null)
                .SetProperty(record => record.Answer, (byte[]?)null),
            cancellationToken) > 0;
    }

    private static async Task<bool> TryTakeOverAsync(
        KeyStoreContext context, IdempotencyId id, IdempotencyRow row, IdempotencyAttempt attempt, CancellationToken cancellationToken)
    {
        var until = attempt.Until.UtcDateTime;
        return await Own(context, id, row.Attempt).Where(record => record.Status == null).ExecuteUpdateAsync(
            stored => stored.SetProperty(record => record.Attempt, attempt.Token).SetProperty(record => record.AttemptUntil, until), cancellationToken) > 0;
    }

    private static IQueryable<IdempotencyRow> Find(KeyStoreContext context, IdempotencyId id)
    {
        var digest = id.Digest.ToArray();
        return context.Idempotency.Where(row => row.KeyId == id.KeyId && row.Digest == digest);
    }

    // As long as no other attempt has taken over.
    private static IQueryable<IdempotencyRow> Own(KeyStoreContext context, IdempotencyId id, string attempt) =>
        Find(context, id).Where(row => row.Attempt == attempt);

    private async Task<int> RemoveOldestAsync(
        Func<IQueryable<IdempotencyRow>, IQueryable<IdempotencyRow>> select, int some, Func<long, bool> isToGo, CancellationToken cancellationToken)
    {
        try
        {
            return await database.AskAsync(
                async context =>
                {
                    // Read first: not every database deletes a limited number of rows. Those of the same moment go together.
                    var oldest = await select(context.Idempotency).OrderBy(row => row.CreatedAt).Take(some)
                        .Select(row => new { row.CreatedAt, Bytes = row.Answer == null ? 0L : (long)row.Answer.Length }).ToListAsync(cancellationToken);
                    if (oldest.TakeWhile(row => isToGo(row.Bytes)).LastOrDefault() is not { } last)
                        return 0;
                    return await select(context.Idempotency).Where(row => row.CreatedAt <= last.CreatedAt).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken);
        }
        catch (Exception exception) when (KeyStoreOutage.IsConflict(exception))
        {
            // Another node works on some of the same rows. What is left goes the next time.
            return 0;
        }
    }
}
