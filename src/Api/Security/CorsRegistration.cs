using IotBackend.Api.Composition;
using IotBackend.Api.Http;

namespace IotBackend.Api.Security;

/// <summary>CORS, closed unless origins are configured.</summary>
internal static class CorsRegistration
{
    private static readonly string[] ExposedHeaders =
    [
        "ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "X-RateLimit-Tier", RequestIds.Header, "Cache-Status", IdempotencyKey.ReplayedHeader,
        SeriesLimitHeader.Name,
    ];

    public static void AddClosedCors(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = CorsSettings.Read(configuration);
        services.AddOptions<CorsSettings>().Configure(options => options.Origins = settings.Origins).ValidateDataAnnotations().ValidateOnStart();
        services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            if (settings.Origins.Count == 0)
                return;
            policy.AllowAnyHeader().WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
            policy.WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(TimeSpan.FromHours(1));
            if (settings.AllowsAll)
                policy.AllowAnyOrigin();
            else
                policy.WithOrigins([.. settings.Origins]);
        }));
    }
}
