using System.ComponentModel.DataAnnotations;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Section <c>KeyStore</c>.</summary>
public sealed class KeyStoreOptions : IValidatableObject
{
    public const string Section = "KeyStore";

    /// <summary>The database that keeps the keys.</summary>
    [EnumDataType(typeof(KeyStoreProvider))]
    public KeyStoreProvider Provider { get; set; } = KeyStoreProvider.Sqlite;

    /// <summary>Empty: the file <c>keys.db</c> in the data folder. PostgreSQL needs one: <c>Host=…;Database=…;Username=…;Password=…</c>.</summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>Seconds that a key serves before it is looked up again; a change made on another node shows after this time at the latest.</summary>
    [Range(1, 3600)]
    public int CacheSeconds { get; set; } = 30;

    /// <summary>Seconds that a key serves beyond that while the key store does not answer.</summary>
    [Range(1, 7 * 86400)]
    public int OutageSeconds { get; set; } = 900;

    // The value may hold a password, so no message repeats it.
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var wrong = Provider switch
        {
            KeyStoreProvider.PostgreSql => NamesDatabase(ConnectionString) ? null : "The value must name a database: Host=<host>;Database=<name>;Username=<user>;Password=<password>.",
            _ => ConnectionString.Length == 0 || NamesFile(ConnectionString) ? null : "The value must name a SQLite file: Data Source=<path>.",
        };
        if (wrong is not null)
            yield return new ValidationResult(wrong, [nameof(ConnectionString)]);
    }

    private static bool NamesFile(string connectionString)
    {
        try
        {
            var parsed = new SqliteConnectionStringBuilder(connectionString);
            return parsed.DataSource is not ("" or ":memory:") && parsed.Mode != SqliteOpenMode.Memory;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool NamesDatabase(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString) is { Host.Length: > 0, Database.Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return false;
        }
    }
}

/// <summary>Databases that the key store runs on.</summary>
public enum KeyStoreProvider
{
    Sqlite,
    PostgreSql,
}
