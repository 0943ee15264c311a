using IotBackend.Application.Access;
using IotBackend.Application.Access.Usage;
using IotBackend.Infrastructure.Background;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.KeyStore.Usage;

/// <summary>Registers what is written about the use of keys in the background.</summary>
public static class KeyUsageRegistration
{
    private static readonly TimeSpan UsageEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastUsesEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CleanUpEvery = TimeSpan.FromHours(1);

    /// <summary>After the key store, which is opened before and closed after.</summary>
    public static IServiceCollection AddKeyUsage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<UsageOptions>()
            .Bind(configuration.GetSection(UsageOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<UsageMeter>();
        services.AddSingleton<LastUses>();
        services.AddPeriodicWork("storing the usage of keys", UsageEvery, provider => provider.GetRequiredService<UsageMeter>().FlushAsync, doesItAtTheEnd: true);
        services.AddPeriodicWork("storing when keys were last used", LastUsesEvery, provider => provider.GetRequiredService<LastUses>().FlushAsync, doesItAtTheEnd: true);
        services.AddPeriodicWorkOfOneNode("usage-clean-up", "forgetting old usage of keys", CleanUpEvery, CleanUp);
        return services;
    }

    private static Func<CancellationToken, Task> CleanUp(IServiceProvider services)
    {
        var (store, time) = (services.GetRequiredService<IUsageStore>(), services.GetRequiredService<TimeProvider>());
        var options = services.GetRequiredService<IOptions<UsageOptions>>().Value;
        return async cancellationToken =>
        {
            var now = time.GetUtcNow();
            await store.DeleteBeforeAsync(UsagePeriod.Hour, now.AddDays(-options.HoursKeptDays), cancellationToken);
            await store.DeleteBeforeAsync(UsagePeriod.Day, now.AddDays(-options.DaysKeptDays), cancellationToken);
        };
    }
}
