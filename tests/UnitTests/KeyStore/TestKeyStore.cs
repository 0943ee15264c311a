using IotBackend.Application.ApiKeys;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.KeyStore;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IotBackend.UnitTests.KeyStore;

/// <summary>The key store as the program registers it, on a SQLite file in a folder of its own.</summary>
internal sealed class TestKeyStore : IDisposable
{
    private readonly ServiceProvider _services;

    public TestKeyStore(FakeTimeProvider? time = null, string? folder = null, params (string Name, string Value)[] settings)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("iotbackend-keys-").FullName;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(time ?? new FakeTimeProvider())
            .AddKeyStore(configuration, Folder)
            .AddSingleton<AdminKeys>()
            .BuildServiceProvider();
    }

    public string Folder { get; }

    public string File => Path.Combine(Folder, "keys.db");

    public IApiKeyStore Store => Get<IApiKeyStore>();

    public IComponentHealth Health => Get<IComponentHealth>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task StartAsync() => _services.OpenKeyStoreAsync(CancellationToken.None);

    public async Task<KeyStoreContext> ContextAsync() => await Get<IDbContextFactory<KeyStoreContext>>().CreateDbContextAsync();

    /// <summary>Runs SQL on the file, past the program.</summary>
    public void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Closes all that is open, as the end of the process would; the folder stays.</summary>
    public void Close()
    {
        _services.Dispose();
        SqliteConnection.ClearAllPools();
    }

    public void Dispose()
    {
        Close();
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
