using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>The key store as the program registers it, on a database that other nodes may share, and a data folder of its own.</summary>
internal sealed class KeyStoreNode : IAsyncDisposable
{
    /// <summary>Few blocks by rules, so that tests reach the most that are kept.</summary>
    public static readonly BlockRules Rules = new() { MaxBlocks = 50 };

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;

    public KeyStoreNode(KeyStoreDatabaseUnderTest database)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["KeyStore:Provider"] = database.Provider,
            ["KeyStore:ConnectionString"] = database.ConnectionString,
        }).Build();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Rules)
            .AddKeyStore(configuration, _folder)
            .AddSingleton<AdminKeys>()
            .BuildServiceProvider();
    }

    public IApiKeyStore Keys => Get<IApiKeyStore>();

    public IAuditLog Audit => Get<IAuditLog>();

    public ITierStore Tiers => Get<ITierStore>();

    public IUsageStore Usage => Get<IUsageStore>();

    public IBlockStore Blocks => Get<IBlockStore>();

    public ILeases Leases => Get<ILeases>();

    public IIdempotencyStore Idempotency => Get<IIdempotencyStore>();

    public IDeviceStore Devices => Get<IDeviceStore>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <exception cref="Infrastructure.StorageStartException">The database can not be used.</exception>
    public Task OpenAsync() => _services.OpenKeyStoreAsync(CancellationToken.None);

    public async Task<KeyStoreContext> ContextAsync() => await Get<IDbContextFactory<KeyStoreContext>>().CreateDbContextAsync();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }
}
