using IotBackend.Application.Buckets;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Registers the embedded store as the place of measurements and buckets.</summary>
public static class EmbeddedStoreRegistration
{
    /// <summary>Whether there is a store in the folder.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, InboxFile.FileName));

    public static IServiceCollection AddEmbeddedStore(this IServiceCollection services, IConfiguration configuration, string folder)
    {
        services.AddOptions<EmbeddedStoreOptions>()
            .Bind(configuration.GetSection(EmbeddedStoreOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => new EmbeddedStore(
            folder,
            provider.GetRequiredService<IOptions<EmbeddedStoreOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EmbeddedStore>>()));
        services.AddSingleton<IMeasurementStore>(provider => provider.GetRequiredService<EmbeddedStore>());
        services.AddSingleton<IBucketStore>(provider => provider.GetRequiredService<EmbeddedStore>().Buckets);
        services.AddSingleton<IDeviceDirectory>(provider => provider.GetRequiredService<EmbeddedStore>().Devices);
        services.AddSingleton<IMeasurementSource>(provider => provider.GetRequiredService<EmbeddedStore>().Source);
        services.AddSingleton<IComponentHealth, EmbeddedStoreHealth>();
        services.AddHostedService<EmbeddedStoreLifetime>();
        return services;
    }
}
