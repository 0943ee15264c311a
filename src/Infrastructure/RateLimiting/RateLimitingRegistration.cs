using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.SystemStatus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Registers the tiers and the rate limiter in this process.</summary>
public static class RateLimitingRegistration
{
    /// <summary>After the key store, which is asked at the start.</summary>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RateLimitOptions>()
            .Bind(configuration.GetSection(RateLimitOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<Tiers>();
        services.AddSingleton<ITiers>(provider => provider.GetRequiredService<Tiers>());
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<IRateLimiter>(provider => provider.GetRequiredService<RateLimiter>());
        services.AddSingleton<IComponentHealth, RateLimiterHealth>();
        services.AddHostedService<RateLimiterUpkeep>();
        return services;
    }
}
