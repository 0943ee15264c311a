using IotBackend.Infrastructure.KeyStore;
using IotBackend.Infrastructure.Measurements.Embedded;

namespace IotBackend.Api.Composition;

/// <summary>Chooses the adapters behind the ports of the application, by configuration.</summary>
internal static class AdapterSetup
{
    private const string StoreSetting = "Measurements:Store";
    private const string EmbeddedStore = "Embedded";

    public static void AddAdapters(this IServiceCollection services, IConfiguration configuration)
    {
        var folder = DataFolder(configuration);
        var store = configuration[StoreSetting] ?? EmbeddedStore;
        if (!store.Equals(EmbeddedStore, StringComparison.OrdinalIgnoreCase))
            throw new SettingException(StoreSetting, $"'{store}' is not known; it is {EmbeddedStore}.");
        services.AddEmbeddedStore(configuration, folder);
        services.AddKeyStore(configuration, folder);
    }

    /// <summary>The folder of all that is kept, as an absolute path.</summary>
    public static string DataFolder(IConfiguration configuration) =>
        Path.GetFullPath(configuration[$"{DataOptions.Section}:{nameof(DataOptions.Path)}"] is { Length: > 0 } path ? path : new DataOptions().Path);
}
