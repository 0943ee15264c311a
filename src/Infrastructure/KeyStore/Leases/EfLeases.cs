using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore.PostgreSql;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Leases;

/// <summary>
/// Leases in the key store's database, which nodes that serve together share. PostgreSQL's clock decides there; on SQLite there is one node, and its own does.
/// </summary>
internal sealed class EfLeases(KeyStoreDatabase database, TimeProvider time) : ILeases
{
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private volatile bool _mayHoldSome;

    public async ValueTask<bool> TryTakeAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            _mayHoldSome = true;
            return await database.AskAsync(
                async context => await context.Database.ExecuteSqlAsync(Take(context, name, duration), cancellationToken) > 0, cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // Told by the key store. Whoever can not be asked may have given it to another node.
            return false;
        }
        catch (Exception exception) when (KeyStoreOutage.IsConflict(exception))
        {
            // Another node was faster by a moment.
            return false;
        }
    }

    /// <summary>Gives back all that this node holds, so that the others need not wait until it would have ended.</summary>
    /// <exception cref="KeyStoreUnavailableException">The database can not be asked; the leases end by themselves.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (!_mayHoldSome)
            return;
        await database.AskAsync(context => context.Leases.Where(row => row.Holder == _holder).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        _mayHoldSome = false;
    }

    // One statement: between a question and an answer, another node could take it.
    private FormattableString Take(KeyStoreContext context, string name, TimeSpan duration)
    {
        if (context is PostgreSqlContext)
        {
            return $"""
                INSERT INTO "leases" ("Name", "Holder", "Until") VALUES ({name}, {_holder}, now() + {duration})
                ON CONFLICT ("Name") DO UPDATE SET "Holder" = excluded."Holder", "Until" = excluded."Until"
                WHERE "leases"."Holder" = excluded."Holder" OR "leases"."Until" <= now()
                """;
        }

        var now = time.GetUtcNow().UtcDateTime;
        return $"""
            INSERT INTO "leases" ("Name", "Holder", "Until") VALUES ({name}, {_holder}, {now + duration})
            ON CONFLICT ("Name") DO UPDATE SET "Holder" = excluded."Holder", "Until" = excluded."Until"
            WHERE "leases"."Holder" = excluded."Holder" OR "leases"."Until" <= {now}
            """;
    }
}
