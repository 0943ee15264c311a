using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>Registers the spool, for stores whose database may be away. Whoever drains it is registered after it, and so stops before it.</summary>
public static class SpoolRegistration
{
    public static IServiceCollection AddSpool(this IServiceCollection services, IConfiguration configuration, string folder)
    {
        services.AddOptions<SpoolOptions>()
            .Bind(configuration.GetSection(SpoolOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => new SpoolQueue(
            folder,
            provider.GetRequiredService<IOptions<SpoolOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SpoolQueue>>()));
        services.AddSingleton<ISpool>(provider => provider.GetRequiredService<SpoolQueue>());
        services.AddSingleton<IComponentHealth, SpoolHealth>();
        services.AddHostedService<SpoolLifetime>();
        return services;
    }
}
