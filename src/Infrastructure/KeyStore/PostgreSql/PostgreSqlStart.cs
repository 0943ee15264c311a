using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore.PostgreSql;

/// <summary>Opens the PostgreSQL database of the key store. EF Core lets one process at a time migrate it, and PostgreSQL undoes what a killed one began.</summary>
internal sealed class PostgreSqlStart(IDbContextFactory<PostgreSqlContext> contexts) : IKeyStoreStart
{
    // Of many rows this may take longer than a question.
    private static readonly TimeSpan MigrationPatience = TimeSpan.FromMinutes(10);

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var name = Name(context);
        try
        {
            await KeyStoreVersion.RefuseNewerAsync(context, name, cancellationToken);
            var patience = context.Database.GetCommandTimeout();
            context.Database.SetCommandTimeout(MigrationPatience);
            await context.Database.MigrateAsync(cancellationToken);
            context.Database.SetCommandTimeout(patience);
            await RefuseReadOnlyAsync(context, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            throw new StorageStartException($"The key store {name} can not be opened: {Remedy(exception)}", exception);
        }
    }

    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            if (!(await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
                throw new StorageStartException($"There is no key store in {Name(context)}. Set KeyStore:ConnectionString to that of the server.");
        }
        catch (NpgsqlException exception)
        {
            throw new StorageStartException($"The key store {Name(context)} can not be opened: {Remedy(exception)}", exception);
        }
    }

    // A statement that would write, so that a standby shows now and not at the first change.
    private static async Task RefuseReadOnlyAsync(PostgreSqlContext context, CancellationToken cancellationToken) =>
        await context.ApiKeys.Where(_ => false).ExecuteDeleteAsync(cancellationToken);

    private static string Name(PostgreSqlContext context)
    {
        var connection = new NpgsqlConnectionStringBuilder(context.Database.GetConnectionString());
        return $"'{connection.Database}' on {connection.Host}:{connection.Port}";
    }

    private static string Remedy(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            "the user or the password is wrong. Check KeyStore:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "there is no such database. Create it, or check KeyStore:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "the user may not create its tables there. Make it the owner of the database.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "it is read-only, perhaps a standby. Name the primary server.",
        PostgresException answer => answer.MessageText + ".",
        _ => "the server does not answer. Check KeyStore:ConnectionString, and that the server runs.",
    };
}
