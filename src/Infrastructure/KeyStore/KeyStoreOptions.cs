using System.ComponentModel.DataAnnotations;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Section <c>KeyStore</c>.</summary>
public sealed class KeyStoreOptions : IValidatableObject
{
    public const string Section = "KeyStore";

    /// <summary>The database that keeps the keys.</summary>
    [EnumDataType(typeof(KeyStoreProvider))]
    public KeyStoreProvider Provider { get; set; } = KeyStoreProvider.Sqlite;

    /// <summary>Empty: the file <c>keys.db</c> in the data folder.</summary>
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
        if (ConnectionString.Length > 0 && !NamesFile(ConnectionString))
            yield return new ValidationResult("The value must name a SQLite file: Data Source=<path>.", [nameof(ConnectionString)]);
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
}

/// <summary>Databases that the key store runs on.</summary>
public enum KeyStoreProvider
{
    Sqlite,
}
