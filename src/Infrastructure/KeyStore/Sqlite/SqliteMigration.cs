using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Sqlite;

/// <summary>Brings the database to the schema of this program, by one process at a time, also after one that was killed in the middle.</summary>
internal static class SqliteMigration
{
    private const string LockTable = "__EFMigrationsLock";

    public static async Task RunAsync(KeyStoreContext context, string file, CancellationToken cancellationToken)
    {
        var pending = await context.Database.GetPendingMigrationsAsync(cancellationToken);
        if (!pending.Any())
            return;
        using var alone = BeAlone(file);
        if (File.Exists(file))
            await RemoveLeftLockAsync(context, cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
    }

    // Unlike the row that EF Core writes, the kernel's lock on a file ends with the process that holds it.
    private static FileStream BeAlone(string file)
    {
        var path = file + ".migrating";
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new StorageStartException($"The key store {file} is being migrated by another process. Wait until it is done and start again.", exception);
        }
    }

    // Whoever is alone can not meet a lock that someone still needs; EF Core would wait for it for ever.
    private static async Task RemoveLeftLockAsync(KeyStoreContext context, CancellationToken cancellationToken)
    {
        var tables = await context.Database
            .SqlQuery<string>($"SELECT name AS Value FROM sqlite_master WHERE type = 'table' AND name = {LockTable}")
            .ToListAsync(cancellationToken);
        if (tables.Count > 0)
            await context.Database.ExecuteSqlRawAsync($"DELETE FROM \"{LockTable}\"", cancellationToken);
    }
}
