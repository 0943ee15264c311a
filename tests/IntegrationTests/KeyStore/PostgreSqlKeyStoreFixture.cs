using IotBackend.IntegrationTests.Hosting;
using Npgsql;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>Each database is one of the tests' server.</summary>
public sealed class PostgreSqlKeyStoreFixture(PostgreSqlFixture server) : KeyStoreFixture
{
    internal override async Task<KeyStoreDatabaseUnderTest> NewDatabaseAsync() => new Database(await (await server.ServerAsync()).NewDatabaseAsync());

    private sealed class Database(string connectionString) : KeyStoreDatabaseUnderTest
    {
        public override string Provider => "PostgreSql";

        public override string ConnectionString => connectionString;

        public override string InsertIntoFirst => $$"""
            INSERT INTO api_keys ("Id", "Name", "Notes", "Scopes", "Tier", "Buckets", "Devices", "Networks", "Certificates", "SecretHash", "CreatedAt", "ExpiresAt", "Version")
            VALUES ('FirstKey0001', 'first', 'of old', '{measurements:read,admin}', 'premium', '{default}', '{greenhouse-*}', '{10.0.0.0/8}', '{}',
            '\x{{SomeKeys.FirstHash}}', '2026-01-02 03:04:05.678Z', '2099-01-01 00:00:00Z', 7)
            """;

        public override Task ExecuteAsync(string sql) => PostgreSqlServer.ExecuteAtAsync(connectionString, sql);

        public override Task<IReadOnlyList<string>> ReadAsync(string sql) => PostgreSqlServer.ReadAtAsync(connectionString, sql);

        // Its connections would be too many for the server one day; the program's end closes them.
        public override ValueTask DisposeAsync()
        {
            NpgsqlConnection.ClearAllPools();
            return ValueTask.CompletedTask;
        }
    }
}
