using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Nodes;
using IotBackend.Application.Pipeline;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application;

/// <summary>Registers handlers, validators and the pipeline. Ports are registered by the adapters that implement them.</summary>
public static class ApplicationRegistration
{
    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.Scan(scan => scan
            .FromAssemblies(typeof(ApplicationRegistration).Assembly)
            .AddClasses(classes => classes.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false)
            .AsImplementedInterfaces()
            .WithTransientLifetime()
            .AddClasses(classes => classes.AssignableTo(typeof(IValidator<>)), publicOnly: false)
            .AsImplementedInterfaces()
            .WithSingletonLifetime());

        // Each is asked for once a request: to remember it would cost a place in the scope's dictionary (benchmark P14).
        foreach (var behavior in PipelineOrder.Behaviors)
            services.AddTransient(typeof(IPipelineBehavior<,>), behavior);
        services.AddTransient<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddTransient<IMediator, Mediator>();

        // Adapters add what is outside of the process, such as news of other nodes.
        services.AddFusionCache().WithAllRegisteredPlugins();
        services.TryAddSingleton<INodeMessages, SingleNode>();
        services.AddSingleton<ILiveFeed, LiveFeed>();
        services.AddSingleton<BucketUsages>();
        services.AddScoped<AuditTrail>();
        services.AddSingleton<SecurityEvents>();
        services.AddSingleton<ISecurityEvents>(provider => provider.GetRequiredService<SecurityEvents>());
        services.AddSingleton<SecurityEventWriter>();
        services.AddSingleton<BlockList>();
        services.AddSingleton<BlockSynchronization>();
        services.AddSingleton<FailedCredentials>();
        services.AddSingleton<NetworksOfKeys>();
        services.AddSingleton<IKeyBehavior, RefusedInARow>();
        services.AddSingleton<KnownApiKeys>();
        services.AddSingleton<KeySeriesLimits>();
        services.AddScoped<ApiKeyEditor>();
        AddAnswerCaching(services);
        return services;
    }

    // The adapters register the cache itself, its memory and its settings.
    private static void AddAnswerCaching(IServiceCollection services)
    {
        services.AddSingleton(_ => new AnswerGenerations());
        services.AddSingleton<AnswerInvalidation>();
        services.AddSingleton(provider => new AnswerCache(
            provider.GetRequiredService<IFusionCacheProvider>().GetCache(AnswerCache.Name),
            provider.GetRequiredService<AnswerGenerations>(),
            provider.GetRequiredService<INodeMessages>(),
            provider.GetRequiredService<IAnswerMemory>(),
            provider.GetRequiredService<AnswerCaching>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AnswerCache>>()));
        services.AddSingleton(provider => new SharedAnswers(
            provider.GetRequiredService<IFusionCacheProvider>().GetCache(AnswerCache.Name),
            provider.GetRequiredService<AnswerCaching>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IAnswerEpochs>()));
        services.AddSingleton<AskedQueries>();
        services.AddSingleton<CacheWarming>();
        services.AddSingleton<CacheWarmer>();
    }
}
