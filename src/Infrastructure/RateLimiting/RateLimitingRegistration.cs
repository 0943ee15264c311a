using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Background;
using IotBackend.Infrastructure.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Registers the tiers and the rate limiter: in this process, or in Redis where it is configured.</summary>
public static class RateLimitingRegistration
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    /// <summary>After Redis and the key store, which are asked at the start.</summary>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RateLimitOptions>()
            .Bind(configuration.GetSection(RateLimitOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<Tiers>();
        services.AddSingleton<ITiers>(provider => provider.GetRequiredService<Tiers>());
        services.AddSingleton<RateLimiter>();
        services.AddSingleton(LimiterOf);
        services.AddSingleton<IComponentHealth, RateLimiterHealth>();
        services.AddHostedService<TiersOpening>();
        services.AddPeriodicWork("reading the tiers", RefreshEvery, provider => provider.GetRequiredService<Tiers>().RefreshAsync);
        services.AddWorkOnMessage("reading the tiers", Tiers.Topic, provider => provider.GetRequiredService<Tiers>().RefreshAsync);
        services.AddPeriodicWork("forgetting idle counters", SweepEvery, Sweep);
        return services;
    }

    private static IRateLimiter LimiterOf(IServiceProvider services)
    {
        var local = services.GetRequiredService<RateLimiter>();
        if (services.GetService<RedisConnection>() is not { } redis)
            return local;
        var prefix = services.GetRequiredService<IOptions<RedisOptions>>().Value.KeyPrefix;
        return new RedisRateLimiter(local, redis, prefix, clock: null, services.GetRequiredService<ILogger<RedisRateLimiter>>());
    }

    private static Func<CancellationToken, Task> Sweep(IServiceProvider services)
    {
        var limiter = services.GetRequiredService<RateLimiter>();
        return _ =>
        {
            limiter.Sweep();
            return Task.CompletedTask;
        };
    }
}
