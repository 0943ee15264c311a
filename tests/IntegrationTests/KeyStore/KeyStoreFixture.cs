namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>Where a key store's databases come from.</summary>
public abstract class KeyStoreFixture
{
    /// <summary>Makes an empty database that nobody else uses. Skips the test where there is none.</summary>
    internal abstract Task<KeyStoreDatabaseUnderTest> NewDatabaseAsync();
}

/// <summary>A database past the program.</summary>
internal abstract class KeyStoreDatabaseUnderTest : IAsyncDisposable
{
    /// <summary>Of the section <c>KeyStore</c>, that lead to it.</summary>
    public abstract string ConnectionString { get; }

    public abstract string Provider { get; }

    /// <summary>A statement that puts the row of <see cref="SomeKeys.First"/> into the table of the first migration.</summary>
    public abstract string InsertIntoFirst { get; }

    public abstract Task ExecuteAsync(string sql);

    /// <summary>The first column of all rows, as text.</summary>
    public abstract Task<IReadOnlyList<string>> ReadAsync(string sql);

    public abstract ValueTask DisposeAsync();
}
