using IotBackend.Application.Caching;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Background;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Infrastructure.Caching;

/// <summary>Registers the cache of answers, in memory and bounded in bytes.</summary>
public static class AnswerCacheRegistration
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FadeEvery = TimeSpan.FromHours(1);

    /// <summary>After the store, so that what is written to it invalidates.</summary>
    public static IServiceCollection AddAnswerCache(this IServiceCollection services, IConfiguration configuration, string folder)
    {
        services.AddOptions<CacheOptions>()
            .Bind(configuration.GetSection(CacheOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CacheOptions>>().Value.ToCaching());
        services.AddSingleton<AnswerMemory>();
        services.AddSingleton<IAnswerMemory>(provider => provider.GetRequiredService<AnswerMemory>());

        // Nothing is found by tags: what is no longer good is told by its generation. Without them each look-up is a single one.
        services.AddFusionCache(AnswerCache.Name)
            .WithOptions(options => options.DisableTagging = true)
            .WithAllRegisteredPlugins()
            .WithMemoryCache(provider => provider.GetRequiredService<AnswerMemory>().Cache)
            .WithPostSetup((provider, cache) => provider.GetRequiredService<AnswerMemory>().Watch(cache));
        services.AddAnswerInvalidation();
        services.AddPeriodicWork(
            "telling other nodes of late measurements",
            TellEvery,
            provider => Tell(provider.GetRequiredService<AnswerInvalidation>()),
            doesItAtTheEnd: true);
        services.AddSingleton<IComponentHealth, CacheHealth>();
        AddWarming(services, folder);
        return services;
    }

    private static void AddWarming(IServiceCollection services, string folder)
    {
        services.AddSingleton<IAskedQueryFile>(provider => new AskedQueryFile(folder, provider.GetRequiredService<ILogger<AskedQueryFile>>()));
        services.AddSingleton<CacheWarmingService>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<CacheWarmingService>());
        services.AddPeriodicWork(
            "keeping the most asked queries", KeepEvery, provider => provider.GetRequiredService<CacheWarmingService>().KeepAsync, doesItAtTheEnd: true);
        services.AddPeriodicWork("letting counts of queries fade", FadeEvery, Fade);
    }

    private static Func<CancellationToken, Task> Tell(AnswerInvalidation invalidation) => _ =>
    {
        invalidation.TellPending();
        return Task.CompletedTask;
    };

    private static Func<CancellationToken, Task> Fade(IServiceProvider services)
    {
        var asked = services.GetRequiredService<AskedQueries>();
        return _ =>
        {
            asked.Fade();
            return Task.CompletedTask;
        };
    }
}
