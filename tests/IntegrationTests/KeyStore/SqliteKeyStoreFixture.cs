using System.Globalization;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Data.Sqlite;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>Each database is a file in a folder of its own.</summary>
public sealed class SqliteKeyStoreFixture : KeyStoreFixture
{
    internal override Task<KeyStoreDatabaseUnderTest> NewDatabaseAsync() => Task.FromResult<KeyStoreDatabaseUnderTest>(new Database());

    private sealed class Database : KeyStoreDatabaseUnderTest
    {
        private readonly TemporaryFolder _folder = new();

        public override string Provider => "Sqlite";

        public override string ConnectionString => $"Data Source={_folder.Combine("keys.db")}";

        public override string InsertIntoFirst => $"""
            INSERT INTO api_keys ("Id", "Name", "Notes", "Scopes", "Tier", "Buckets", "Devices", "Networks", "SecretHash", "CreatedAt", "ExpiresAt", "Version")
            VALUES ('FirstKey0001', 'first', 'of old', '["measurements:read","admin"]', 'premium', '["default"]', '["greenhouse-*"]', '["10.0.0.0/8"]',
            x'{SomeKeys.FirstHash}', '2026-01-02 03:04:05.678', '2099-01-01 00:00:00', 7)
            """;

        public override async Task ExecuteAsync(string sql)
        {
            await using var connection = await OpenAsync();
            await using var command = new SqliteCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        public override async Task<IReadOnlyList<string>> ReadAsync(string sql)
        {
            await using var connection = await OpenAsync();
            await using var command = new SqliteCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync();
            var texts = new List<string>();
            while (await reader.ReadAsync())
                texts.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
            return texts;
        }

        public override ValueTask DisposeAsync()
        {
            SqliteConnection.ClearAllPools();
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<SqliteConnection> OpenAsync()
        {
            var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
            await connection.OpenAsync();
            return connection;
        }
    }
}
