using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.PostgreSql;

/// <summary>The key store in a PostgreSQL database.</summary>
internal sealed class PostgreSqlContext(DbContextOptions<PostgreSqlContext> options) : KeyStoreContext(options);
