using IotBackend.Application.Nodes;
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

    /// <summary>The same for what is to be done by one of the nodes that serve together, while it lives always the same.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="lease">The name of the lease that tells which node.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="every">How often.</param>
    /// <param name="work">What is done.</param>
    public static void AddPeriodicWorkOfOneNode(
        this IServiceCollection services, string lease, string name, TimeSpan every, Func<IServiceProvider, Func<CancellationToken, Task>> work) =>
        services.AddPeriodicWork(name, every, provider =>
        {
            var (leases, act) = (provider.GetRequiredService<ILeases>(), work(provider));
            return async cancellationToken =>
            {
                if (await leases.TryTakeForAsync(lease, every, cancellationToken))
                    await act(cancellationToken);
            };
        });
}
