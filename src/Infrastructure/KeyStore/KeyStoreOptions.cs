using System.ComponentModel.DataAnnotations;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Section <c>KeyStore</c>.</summary>
public sealed class KeyStoreOptions
{
    public const string Section = "KeyStore";

    /// <summary>The database that keeps the keys.</summary>
    [EnumDataType(typeof(KeyStoreProvider))]
    public KeyStoreProvider Provider { get; set; } = KeyStoreProvider.Sqlite;

    /// <summary>Empty: the file <c>keys.db</c> in the data folder.</summary>
    public string ConnectionString { get; set; } = string.Empty;
}

/// <summary>Databases that the key store runs on.</summary>
public enum KeyStoreProvider
{
    Sqlite,
}
