using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.PostgreSql;

/// <summary>Opens the PostgreSQL database of the key store. One process at a time migrates it, and PostgreSQL undoes what a killed one began.</summary>
internal sealed class PostgreSqlStart(IDbContextFactory<PostgreSqlContext> contexts) : IKeyStoreStart
{
    // A number that nobody else has a reason to take.
    private const long MigrationLock = 0x496F_744B_6579_7331;

    // Of many rows this may take longer than a question.
    private static readonly TimeSpan MigrationPatience = TimeSpan.FromMinutes(10);

    public Task OpenAsync(CancellationToken cancellationToken) => AskAsync(
        async (context, name) =>
        {
            await KeyStoreVersion.RefuseNewerAsync(context, name, cancellationToken);
            await MigrateAsync(context, cancellationToken);
            await RefuseReadOnlyAsync(context, cancellationToken);
        },
        cancellationToken);

    public Task RequireAsync(CancellationToken cancellationToken) => AskAsync(
        async (context, name) =>
        {
            if (!(await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
                throw new StorageStartException($"There is no key store in {name}. Set KeyStore:ConnectionString to that of the server.");
        },
        cancellationToken);

    private async Task AskAsync(Func<PostgreSqlContext, string, Task> question, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var name = PostgreSqlName.Of(context.Database.GetConnectionString()!);
        try
        {
            // EF Core would make a database that is not there, and a slip of the pen would become a new key store.
            await context.Database.OpenConnectionAsync(cancellationToken);
            await question(context, name);
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception) || KeyStoreOutage.IsConflict(exception))
        {
            throw new StorageStartException($"The key store {name} can not be opened: {PostgreSqlRemedy.For(exception)}", exception);
        }
    }

    // Only when there is something to do, because a user that may but read and write the tables is enough for the rest.
    private static async Task MigrateAsync(PostgreSqlContext context, CancellationToken cancellationToken)
    {
        if (!(await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            return;
        var patience = context.Database.GetCommandTimeout();
        context.Database.SetCommandTimeout(MigrationPatience);
        await MigrateAloneAsync(context, cancellationToken);
        context.Database.SetCommandTimeout(patience);
    }

    // EF Core's own lock is let go between two migrations, and another node would begin the second at the same time. This one is held by the
    // connection, and so ends with a process that dies.
    private static async Task MigrateAloneAsync(PostgreSqlContext context, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        try
        {
            await context.Database.MigrateAsync(cancellationToken);
        }
        finally
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
        }
    }

    // A statement that would write, so that a standby shows now and not at the first change.
    private static async Task RefuseReadOnlyAsync(PostgreSqlContext context, CancellationToken cancellationToken) =>
        await context.ApiKeys.Where(_ => false).ExecuteDeleteAsync(cancellationToken);
}
