using System.Threading.RateLimiting;
using IotBackend.Api.Composition;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>Bounds connections, requests, queues, bodies and the patience with slow clients.</summary>
internal static class OverloadRegistration
{
    // HTTP/2 lets a client send so much before anybody reads it: on all streams of a connection, and on one.
    private const int Http2ConnectionWindow = 256 << 10;
    private const int Http2StreamWindow = 128 << 10;

    public static void AddOverloadProtection(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<OverloadOptions>(configuration, OverloadOptions.Section);
        services.AddSingleton<IValidateOptions<OverloadOptions>, OverloadOptions.Fit>();
        services.AddSingleton<BodyBudget>();
        services.AddScoped<BodyAllowance>();
        services.AddSingleton<StreamPlaces>();
        services.AddSingleton(provider => Places(provider.GetRequiredService<IOptions<OverloadOptions>>().Value));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<OverloadOptions>>((kestrel, options) => Limit(kestrel.Limits, options.Value));
    }

    private static ConcurrencyLimiter Places(OverloadOptions options) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.MaxRequests,
        QueueLimit = options.MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private static void Limit(KestrelServerLimits limits, OverloadOptions options)
    {
        var pace = new MinDataRate(options.MinBytesPerSecond, TimeSpan.FromSeconds(options.GraceSeconds));
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(options.HeadersSeconds);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(options.IdleSeconds);
        limits.MinRequestBodyDataRate = pace;
        limits.MinResponseDataRate = pace;
        limits.Http2.InitialConnectionWindowSize = Http2ConnectionWindow;
        limits.Http2.InitialStreamWindowSize = Http2StreamWindow;
    }
}
