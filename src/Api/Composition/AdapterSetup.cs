using IotBackend.Infrastructure.Caching;
using IotBackend.Infrastructure.Devices;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.Infrastructure.KeyStore.Idempotency;
using IotBackend.Infrastructure.KeyStore.Usage;
using IotBackend.Infrastructure.Measurements.Embedded;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.Infrastructure.RateLimiting;
using IotBackend.Infrastructure.Redis;

namespace IotBackend.Api.Composition;

/// <summary>Chooses the adapters behind the ports of the application, by configuration.</summary>
internal static class AdapterSetup
{
    private const string StoreSetting = "Measurements:Store";
    private const string EmbeddedStore = "Embedded";
    private const string InfluxDbStore = "InfluxDb";
    private const string InfluxDbUrlSetting = "Measurements:InfluxDb:Url";

    public static void AddAdapters(this IServiceCollection services, IConfiguration configuration)
    {
        var folder = DataFolder(configuration);
        services.AddRedis(configuration);
        if (IsInfluxDb(configuration))
            services.AddInfluxDb(configuration, folder);
        else
            services.AddEmbeddedStore(configuration, folder);
        services.AddKeyStore(configuration, folder);
        services.AddRateLimiting(configuration);
        services.AddKeyUsage(configuration);
        services.AddAnswerCache(configuration, folder);
        services.AddIdempotency();
        if (IsInfluxDb(configuration))
            services.AddDeviceCounting();
    }

    /// <summary>The place of measurements alone, for the commands that move them; what it does not take is refused instead of kept elsewhere.</summary>
    public static void AddMeasurementStore(this IServiceCollection services, IConfiguration configuration)
    {
        if (IsInfluxDb(configuration))
            services.AddInfluxDbAlone(configuration);
        else
            services.AddEmbeddedStore(configuration, DataFolder(configuration));
    }

    /// <summary>Where measurements are kept, in words that are the same each time.</summary>
    public static string DescribeStore(IConfiguration configuration) =>
        IsInfluxDb(configuration) ? $"InfluxDB at {configuration[InfluxDbUrlSetting]}" : $"The embedded store in {DataFolder(configuration)}";

    /// <exception cref="SettingException">There is no embedded store where the settings say.</exception>
    public static void RequireData(IConfiguration configuration)
    {
        // Opened, it would be made, and nothing would be exported from a folder that was only misspelt.
        if (!IsInfluxDb(configuration) && !EmbeddedStoreRegistration.Exists(DataFolder(configuration)))
            throw new SettingException($"{DataOptions.Section}:{nameof(DataOptions.Path)}", $"there are no measurements in {DataFolder(configuration)}.");
    }

    /// <summary>A line that tells a person where things are kept.</summary>
    public static string Describe(IConfiguration configuration) =>
        DescribeStores(configuration) + (RedisRegistration.Describe(configuration) is { } redis ? "; Redis at " + redis : string.Empty);

    private static string DescribeStores(IConfiguration configuration)
    {
        var folder = DataFolder(configuration);
        return (IsInfluxDb(configuration), KeyStoreRegistration.Describe(configuration)) switch
        {
            (true, null) => $"Measurements in InfluxDB at {configuration[InfluxDbUrlSetting]}; spool and keys in {folder}",
            (true, { } keys) => $"Measurements in InfluxDB at {configuration[InfluxDbUrlSetting]}; spool in {folder}; keys in {keys}",
            (false, null) => $"Data in {folder} (embedded store, SQLite key store)",
            (false, { } keys) => $"Data in {folder} (embedded store); keys in {keys}",
        };
    }

    /// <exception cref="SettingException">The setting names no store.</exception>
    private static bool IsInfluxDb(IConfiguration configuration)
    {
        var store = configuration[StoreSetting] ?? EmbeddedStore;
        if (store.Equals(InfluxDbStore, StringComparison.OrdinalIgnoreCase))
            return true;
        return store.Equals(EmbeddedStore, StringComparison.OrdinalIgnoreCase)
            ? false
            : throw new SettingException(StoreSetting, $"'{store}' is not known; it is {EmbeddedStore} or {InfluxDbStore}.");
    }

    /// <summary>The folder of all that is kept, as an absolute path.</summary>
    public static string DataFolder(IConfiguration configuration) =>
        Path.GetFullPath(configuration[$"{DataOptions.Section}:{nameof(DataOptions.Path)}"] is { Length: > 0 } path ? path : new DataOptions().Path);
}
