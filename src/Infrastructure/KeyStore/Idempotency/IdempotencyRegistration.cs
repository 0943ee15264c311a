using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Infrastructure.Background;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Infrastructure.KeyStore.Idempotency;

/// <summary>Registers what becomes of idempotency keys in the background.</summary>
public static class IdempotencyRegistration
{
    // A portion holds the one writer of SQLite for some milliseconds; between two, others have their turn.
    private const int Portion = 500;

    private static readonly TimeSpan CleanUpEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>After the key store, which is opened before and closed after.</summary>
    public static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.AddPeriodicWorkOfOneNode("idempotency-clean-up", "forgetting old idempotency keys", CleanUpEvery, CleanUp);
        return services;
    }

    private static Func<CancellationToken, Task> CleanUp(IServiceProvider services)
    {
        var (store, rules, time) = (
            services.GetRequiredService<IIdempotencyStore>(), services.GetRequiredService<IdempotencyRules>(), services.GetRequiredService<TimeProvider>());
        return async cancellationToken =>
        {
            while (await store.RemoveAsync(time.GetUtcNow() - rules.Retention, Portion, cancellationToken) > 0)
                await Task.Delay(Pause, time, cancellationToken);
            while (await store.RemoveBeyondAsync(rules.MostOfAKey, rules.MostBytesOfAKey, Portion, cancellationToken) > 0)
                await Task.Delay(Pause, time, cancellationToken);
        };
    }
}
