using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Api.Security;

/// <summary>Registers authentication by API key; controllers require it unless they say otherwise.</summary>
internal static class AuthenticationRegistration
{
    /// <summary>After the key store, because it is asked at the start.</summary>
    public static void AddFirstAdminKey(this IServiceCollection services)
    {
        services.AddSingleton<AdminKeys>();
        services.AddSingleton<FirstAdminKey>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstAdminKey>());
    }

    public static void AddApiKeyAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<IApiKeyAuthenticator, ApiKeyAuthenticator>();
        services.AddSingleton<Gate>();
        services.AddSingleton<CallerWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<CallerWatch>());
        services.AddScoped<CallerContext>();
        services.AddTransient<ICallerContext>(provider => provider.GetRequiredService<CallerContext>());
        services.AddScoped<RateLimitHeaders>();
        services.AddTransient<IRateLimitObserver>(provider => provider.GetRequiredService<RateLimitHeaders>());
        services.AddTransient<ISeriesLimitObserver>(provider => provider.GetRequiredService<RateLimitHeaders>());
        services.KeepUrlsOutOfLogs();
    }
}
