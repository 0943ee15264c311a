using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Application.Nodes;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Background;
using IotBackend.Infrastructure.KeyStore.ApiKeys;
using IotBackend.Infrastructure.KeyStore.Audit;
using IotBackend.Infrastructure.KeyStore.Blocks;
using IotBackend.Infrastructure.KeyStore.Devices;
using IotBackend.Infrastructure.KeyStore.Idempotency;
using IotBackend.Infrastructure.KeyStore.Leases;
using IotBackend.Infrastructure.KeyStore.PostgreSql;
using IotBackend.Infrastructure.KeyStore.Sqlite;
using IotBackend.Infrastructure.KeyStore.Tiers;
using IotBackend.Infrastructure.KeyStore.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Registers the key store on EF Core.</summary>
public static class KeyStoreRegistration
{
    private const string FileName = "keys.db";

    // How long a question waits: on SQLite for another process that holds the database, on PostgreSQL for the server.
    private const int PatienceSeconds = 5;

    public static IServiceCollection AddKeyStore(this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddOptions<KeyStoreOptions>()
            .Bind(configuration.GetSection(KeyStoreOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (IsPostgreSql(configuration))
            services.AddDatabase<PostgreSqlContext, PostgreSqlStart>((options, context) => UsePostgreSql(context, options));
        else
            services.AddDatabase<SqliteContext, SqliteStart>((options, context) => UseSqlite(context, options, dataFolder));
        services.AddSingleton<KeyStoreDatabase>();
        services.AddSingleton<KeyStoreCopy>();
        services.AddSingleton(provider => Caching(provider.GetRequiredService<IOptions<KeyStoreOptions>>().Value));
        services.AddSingleton<IApiKeyStore, EfApiKeyStore>();
        services.AddSingleton<IAuditLog, EfAuditLog>();
        services.AddSingleton<IBlockStore, EfBlockStore>();
        services.AddSingleton<ITierStore, EfTierStore>();
        services.AddSingleton<IUsageStore, EfUsageStore>();
        services.AddSingleton<IDeviceStore, EfDeviceStore>();
        services.AddSingleton<EfLeases>();
        services.AddSingleton<ILeases>(provider => provider.GetRequiredService<EfLeases>());
        services.AddSingleton<IIdempotencyStore, EfIdempotencyStore>();
        services.AddSingleton<IAdminKeyFile>(new AdminKeyFile(dataFolder));
        services.AddSingleton<IKeyGenerator, RandomKeyGenerator>();
        services.AddSingleton<IComponentHealth, KeyStoreHealth>();
        services.AddHostedService<KeyStoreOpening>();
        services.AddHostedService<LeaseRelease>();
        services.AddBlockUpkeep();
        services.AddAuditUpkeep();
        services.AddWorkOnMessage(
            "storing and refreshing blocks",
            BlockSynchronization.Topic,
            provider => provider.GetRequiredService<BlockSynchronization>().RunAsync,
            (provider, wake) => provider.GetRequiredService<BlockList>().BlockedByRule += wake);
        return services;
    }

    /// <summary>Opens the key store without starting the program, for commands that work offline.</summary>
    /// <exception cref="StorageStartException">It can not be opened, or it is of a newer program.</exception>
    public static Task OpenKeyStoreAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<IKeyStoreStart>().OpenAsync(cancellationToken);

    /// <summary>Makes sure that there is a key store, where a new one would be a mistake.</summary>
    /// <exception cref="StorageStartException">There is none.</exception>
    public static Task RequireKeyStoreAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<IKeyStoreStart>().RequireAsync(cancellationToken);

    /// <summary>Copies all that a key store in a SQLite file holds into the configured one.</summary>
    /// <returns>Rows by table.</returns>
    /// <exception cref="StorageStartException">One of the two can not be used, or there are keys in the configured one.</exception>
    public static Task<IReadOnlyDictionary<string, long>> CopyKeyStoreAsync(this IServiceProvider services, string file, CancellationToken cancellationToken) =>
        services.GetRequiredService<KeyStoreCopy>().RunAsync(file, cancellationToken);

    /// <summary>True when the configuration names PostgreSQL.</summary>
    public static bool IsPostgreSql(IConfiguration configuration) =>
        Enum.TryParse<KeyStoreProvider>(configuration[$"{KeyStoreOptions.Section}:{nameof(KeyStoreOptions.Provider)}"], ignoreCase: true, out var provider)
        && provider == KeyStoreProvider.PostgreSql;

    /// <summary>Where the keys are, for a person; null when they are in the data folder.</summary>
    public static string? Describe(IConfiguration configuration)
    {
        var connection = configuration[$"{KeyStoreOptions.Section}:{nameof(KeyStoreOptions.ConnectionString)}"] ?? string.Empty;
        if (IsPostgreSql(configuration))
            return "PostgreSQL, " + PostgreSqlName.Of(connection);
        return connection.Length > 0 ? "SQLite, " + new SqliteConnectionStringBuilder(connection).DataSource : null;
    }

    private static void AddDatabase<TContext, TStart>(this IServiceCollection services, Action<KeyStoreOptions, DbContextOptionsBuilder> use)
        where TContext : KeyStoreContext
        where TStart : class, IKeyStoreStart
    {
        services.AddPooledDbContextFactory<TContext>((provider, context) =>
        {
            use(provider.GetRequiredService<IOptions<KeyStoreOptions>>().Value, context);

            // What fails is thrown, and told by whoever catches it; EF Core would tell it a second and a third time.
            context.ConfigureWarnings(events => events.Ignore(
                RelationalEventId.CommandError, RelationalEventId.ConnectionError, CoreEventId.QueryIterationFailed, CoreEventId.SaveChangesFailed));
        });
        services.AddSingleton<IDbContextFactory<KeyStoreContext>, ContextFactory<TContext>>();
        services.AddSingleton<IKeyStoreStart, TStart>();
    }

    private static void UseSqlite(DbContextOptionsBuilder context, KeyStoreOptions options, string dataFolder) => context.AddInterceptors(SqliteFunctions.Instance).UseSqlite(
        options.ConnectionString.Length > 0
            ? options.ConnectionString
            : new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataFolder, FileName) }.ToString(),
        sqlite => sqlite.CommandTimeout(PatienceSeconds));

    private static void UsePostgreSql(DbContextOptionsBuilder context, KeyStoreOptions options) => context.UseNpgsql(
        new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Timeout = PatienceSeconds,
            ApplicationName = "IotBackend",

            // A server that hangs does not hear that nobody waits for it any more.
            CancellationTimeout = -1,
        }.ToString(),
        postgres => postgres.CommandTimeout(PatienceSeconds));

    private static ApiKeyCaching Caching(KeyStoreOptions options) =>
        new(TimeSpan.FromSeconds(options.CacheSeconds), TimeSpan.FromSeconds(options.OutageSeconds));
}
