using IotBackend.Application.Caching;
using IotBackend.Application.Nodes;
using IotBackend.Application.SystemStatus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ZiggyCreatures.Caching.Fusion.Plugins;

namespace IotBackend.Infrastructure.Redis;

/// <summary>Registers Redis, where it is configured: the connection, messages between nodes, and what caches share.</summary>
public static class RedisRegistration
{
    /// <summary>Before everything that asks it at the start, and after the application, whose single node it replaces.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RedisOptions>()
            .Bind(configuration.GetSection(RedisOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (!Read(configuration).IsConfigured)
            return services;
        services.AddSingleton<RedisConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisConnection>());
        services.AddSingleton<RedisNodeMessages>();
        services.Replace(ServiceDescriptor.Singleton<INodeMessages>(provider => provider.GetRequiredService<RedisNodeMessages>()));
        services.AddHostedService(provider => provider.GetRequiredService<RedisNodeMessages>());
        services.AddSingleton<IComponentHealth, RedisHealth>();
        services.AddSingleton<IFusionCachePlugin, RedisCacheLevels>();
        services.AddSingleton<RedisAnswerEpochs>();
        services.AddSingleton<IAnswerEpochs>(provider => provider.GetRequiredService<RedisAnswerEpochs>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisAnswerEpochs>());
        return services;
    }

    /// <summary>Where Redis is, for a person; null when there is none.</summary>
    public static string? Describe(IConfiguration configuration) => Read(configuration) is { IsConfigured: true } options ? options.Describe() : null;

    private static RedisOptions Read(IConfiguration configuration) => new()
    {
        Configuration = configuration[$"{RedisOptions.Section}:{nameof(RedisOptions.Configuration)}"] ?? string.Empty,
    };
}
