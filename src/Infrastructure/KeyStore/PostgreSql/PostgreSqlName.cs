using Npgsql;

namespace IotBackend.Infrastructure.KeyStore.PostgreSql;

/// <summary>How a person calls a database: never with its password.</summary>
internal static class PostgreSqlName
{
    public static string Of(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        return $"'{connection.Database}' on {connection.Host}:{connection.Port}";
    }
}
