using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Sqlite;

/// <summary>Opens the SQLite file of the key store.</summary>
internal sealed class SqliteStart(IDbContextFactory<SqliteContext> contexts) : IKeyStoreStart
{
    private const string Damaged = "it is damaged. Restore it from a backup, or move it away to start with a new admin key.";

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var file = Path.GetFullPath(new SqliteConnectionStringBuilder(context.Database.GetConnectionString()).DataSource);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (File.Exists(file))
                await RefuseDamagedAsync(context, file, cancellationToken);
            await KeyStoreVersion.RefuseNewerAsync(context, file, cancellationToken);
            await SqliteMigration.RunAsync(context, file, cancellationToken);
            await RefuseReadOnlyAsync(context, cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageStartException($"The key store {file} can not be opened: {Remedy(exception)}", exception);
        }
    }

    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var file = Path.GetFullPath(new SqliteConnectionStringBuilder(context.Database.GetConnectionString()).DataSource);
        if (!File.Exists(file))
            throw new StorageStartException($"There is no key store {file}. Set Data:Path to the data folder of the server.");
    }

    private static async Task RefuseDamagedAsync(KeyStoreContext context, string file, CancellationToken cancellationToken)
    {
        var findings = await context.Database.SqlQuery<string>($"PRAGMA quick_check(1)").ToListAsync(cancellationToken);
        if (findings is not ["ok"])
            throw new StorageStartException($"The key store {file} can not be opened: {Damaged}");
    }

    // A statement that would write, so that a file that can only be read shows now and not at the first change.
    private static async Task RefuseReadOnlyAsync(KeyStoreContext context, CancellationToken cancellationToken) =>
        await context.ApiKeys.Where(_ => false).ExecuteDeleteAsync(cancellationToken);

    private static string Remedy(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 8 } => "it is read-only. Give this user the right to write it.",
        SqliteException { SqliteErrorCode: 11 or 26 } => Damaged,
        SqliteException { SqliteErrorCode: 13 } => "the disk is full. Make room and start again.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "another process holds it. Stop that one first.",
        SqliteException { SqliteErrorCode: 14 } or UnauthorizedAccessException or IOException => "the folder can not be written. Check its rights, or set Data:Path.",
        _ => exception.Message,
    };
}
