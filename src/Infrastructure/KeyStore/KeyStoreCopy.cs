using System.Data;
using IotBackend.Infrastructure.KeyStore.Leases;
using IotBackend.Infrastructure.KeyStore.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>
/// Copies what a key store in a SQLite file holds into the configured one, which must hold no keys yet: all of it, as of one moment, or nothing. Leases
/// are not copied: they are of nodes that have ended.
/// </summary>
internal sealed class KeyStoreCopy(IKeyStoreStart start, IDbContextFactory<KeyStoreContext> targets)
{
    private const int RowsAtOnce = 1_000;

    /// <returns>Rows by table.</returns>
    /// <exception cref="StorageStartException">One of the two can not be used, or there are keys in the configured one.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(string file, CancellationToken cancellationToken)
    {
        var sources = new PooledDbContextFactory<SqliteContext>(new DbContextOptionsBuilder<SqliteContext>()
            .AddInterceptors(SqliteFunctions.Instance)
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString())
            .Options);

        // Brings its tables up to those of this program, as a start would.
        var sourceStart = new SqliteStart(sources);
        await sourceStart.RequireAsync(cancellationToken);
        await sourceStart.OpenAsync(cancellationToken);
        await start.OpenAsync(cancellationToken);
        try
        {
            return await CopyAsync(sources, cancellationToken);
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception))
        {
            throw new StorageStartException($"A key store fails, and nothing was copied: {exception.GetBaseException().Message}", exception);
        }
    }

    private async Task<IReadOnlyDictionary<string, long>> CopyAsync(PooledDbContextFactory<SqliteContext> sources, CancellationToken cancellationToken)
    {
        await using var source = await sources.CreateDbContextAsync(cancellationToken);
        await using var target = await targets.CreateDbContextAsync(cancellationToken);

        // All tables as of the moment when the first is read. At this level SQLite begins without a lock, so that nobody is kept from writing; it is
        // none the less a serializable one, as any without a shared cache.
        await using var snapshot = await source.Database.BeginTransactionAsync(IsolationLevel.ReadUncommitted, cancellationToken);
        await using var transaction = await target.Database.BeginTransactionAsync(cancellationToken);
        if (await target.ApiKeys.AnyAsync(cancellationToken))
            throw new StorageStartException("There are keys in the configured key store already. Copy into an empty one, before the first start of a server on it.");
        var copied = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in source.Model.GetEntityTypes().Where(table => table.ClrType != typeof(LeaseRow)))
            copied.Add(table.GetTableName()!, await new Table(table, source, target).CopyAsync(cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return copied;
    }

    private sealed class Table(IEntityType type, KeyStoreContext source, KeyStoreContext target)
    {
        public Task<long> CopyAsync(CancellationToken cancellationToken) => (Task<long>)typeof(Table)
            .GetMethod(nameof(CopyRowsAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .MakeGenericMethod(type.ClrType)
            .Invoke(this, [cancellationToken])!;

        private async Task<long> CopyRowsAsync<T>(CancellationToken cancellationToken)
            where T : class
        {
            var (count, last) = (0L, 0L);
            var number = type.FindPrimaryKey()!.Properties is [{ ValueGenerated: ValueGenerated.OnAdd } key] && key.ClrType == typeof(long) ? key : null;
            await foreach (var row in source.Set<T>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                target.Add(row);
                if (number is not null)
                    last = Math.Max(last, (long)number.GetGetter().GetClrValue(row)!);
                if (++count % RowsAtOnce == 0)
                    await SaveAsync(cancellationToken);
            }

            await SaveAsync(cancellationToken);
            if (last > 0 && target.Database.IsNpgsql())
                await GoOnNumberingAsync(number!.GetColumnName(), last, cancellationToken);
            return count;
        }

        private async Task SaveAsync(CancellationToken cancellationToken)
        {
            await target.SaveChangesAsync(cancellationToken);
            target.ChangeTracker.Clear();
        }

        // PostgreSQL does not look at numbers that it did not give.
        private Task<int> GoOnNumberingAsync(string column, long last, CancellationToken cancellationToken)
        {
            var table = type.GetTableName();
            return target.Database.ExecuteSqlAsync($"SELECT setval(pg_get_serial_sequence({table}, {column}), {last})", cancellationToken);
        }
    }
}
