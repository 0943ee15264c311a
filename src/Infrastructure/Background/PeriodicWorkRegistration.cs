using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Background;

/// <summary>Registers what is done again and again.</summary>
internal static class PeriodicWorkRegistration
{
    public static void AddPeriodicWork(
        this IServiceCollection services, string name, TimeSpan every, Func<IServiceProvider, Func<CancellationToken, Task>> work, bool doesItAtTheEnd = false) =>
        services.AddSingleton<IHostedService>(provider => new PeriodicWork(
            name, every, work(provider), doesItAtTheEnd, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeriodicWork>>()));
}
