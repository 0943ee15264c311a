using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Sqlite;

/// <summary>The key store in a SQLite file.</summary>
internal sealed class SqliteContext(DbContextOptions<SqliteContext> options) : KeyStoreContext(options);
