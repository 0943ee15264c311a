using IotBackend.Application.Access;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.SystemStatus;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Registers the key store on EF Core.</summary>
public static class KeyStoreRegistration
{
    private const string FileName = "keys.db";

    // How long a question waits for another process that holds the database.
    private const int PatienceSeconds = 5;

    public static IServiceCollection AddKeyStore(this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddOptions<KeyStoreOptions>()
            .Bind(configuration.GetSection(KeyStoreOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddPooledDbContextFactory<KeyStoreContext>((provider, options) => Configure(
            options, ConnectionString(provider.GetRequiredService<IOptions<KeyStoreOptions>>().Value, dataFolder)));
        services.AddSingleton(provider => Caching(provider.GetRequiredService<IOptions<KeyStoreOptions>>().Value));
        services.AddSingleton<IApiKeyStore, EfApiKeyStore>();
        services.AddSingleton<IAdminKeyFile>(new AdminKeyFile(dataFolder));
        services.AddSingleton<IKeyGenerator, RandomKeyGenerator>();
        services.AddSingleton<IComponentHealth, KeyStoreHealth>();
        services.AddSingleton<KeyStoreStart>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyStoreStart>());
        return services;
    }

    /// <summary>Opens the key store without starting the program, for commands that work offline.</summary>
    /// <exception cref="StorageStartException">It can not be opened, or it is of a newer program.</exception>
    public static Task OpenKeyStoreAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<KeyStoreStart>().StartAsync(cancellationToken);

    /// <summary>Makes sure that there is a key store, where a new one would be a mistake.</summary>
    /// <exception cref="StorageStartException">There is none.</exception>
    public static Task RequireKeyStoreAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<KeyStoreStart>().RequireAsync(cancellationToken);

    // What fails is thrown, and told by whoever catches it; EF Core would tell it a second and a third time.
    private static void Configure(DbContextOptionsBuilder options, string connectionString) => options
        .UseSqlite(connectionString, sqlite => sqlite.CommandTimeout(PatienceSeconds))
        .ConfigureWarnings(events => events.Ignore(
            RelationalEventId.CommandError, RelationalEventId.ConnectionError, CoreEventId.QueryIterationFailed, CoreEventId.SaveChangesFailed));

    private static string ConnectionString(KeyStoreOptions options, string dataFolder) => options.ConnectionString.Length > 0
        ? options.ConnectionString
        : new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataFolder, FileName) }.ToString();

    private static ApiKeyCaching Caching(KeyStoreOptions options) =>
        new(TimeSpan.FromSeconds(options.CacheSeconds), TimeSpan.FromSeconds(options.OutageSeconds));
}
