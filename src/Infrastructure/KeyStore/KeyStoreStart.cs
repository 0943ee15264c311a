using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Creates and migrates the key store's database before the first request.</summary>
internal sealed class KeyStoreStart(IDbContextFactory<KeyStoreContext> contexts) : IHostedService
{
    /// <exception cref="StorageStartException">The database can not be opened or is of a newer program.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var file = new SqliteConnectionStringBuilder(context.Database.GetConnectionString()).DataSource;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
                Directory.CreateDirectory(folder);
            await RefuseNewerAsync(context, file, cancellationToken);
            await context.Database.MigrateAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageStartException($"The key store {file} can not be opened: {Remedy(exception)}", exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task RefuseNewerAsync(KeyStoreContext context, string file, CancellationToken cancellationToken)
    {
        var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellationToken);
        if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
            throw new StorageStartException($"The key store {file} was written by a newer version of this program (it has the migration {newer}). Start that version.");
    }

    private static string Remedy(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 8 } => "it is read-only. Give this user the right to write it.",
        SqliteException { SqliteErrorCode: 11 or 26 } => "it is damaged. Restore it from a backup, or move it away to start with a new admin key.",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full. Make room and start again.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "another process holds it. Stop that one first.",
        SqliteException { SqliteErrorCode: 14 } or UnauthorizedAccessException or IOException => "the folder can not be written. Check its rights, or set Data:Path.",
        _ => exception.Message,
    };
}
