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
        services.AddPeriodicWork(name, _ => every, work, doesItAtTheEnd ? PeriodicTimes.AtEnd : PeriodicTimes.None);

    /// <summary>The same for what is done at other times as well, or whose interval is a setting.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="every">How often.</param>
    /// <param name="work">What is done.</param>
    /// <param name="times">When it is done beside that.</param>
    /// <param name="last">What is done at the end instead; null for the same.</param>
    public static void AddPeriodicWork(
        this IServiceCollection services,
        string name,
        Func<IServiceProvider, TimeSpan> every,
        Func<IServiceProvider, Func<CancellationToken, Task>> work,
        PeriodicTimes times,
        Func<IServiceProvider, Func<CancellationToken, Task>>? last = null) => services.AddSingleton<IHostedService>(provider => new PeriodicWork(
            name, every(provider), work(provider), times, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeriodicWork>>(), last?.Invoke(provider)));

    /// <summary>The same for what is to be done by one of the nodes that serve together, while it lives always the same.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="lease">The name of the lease that tells which node.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="every">How often.</param>
    /// <param name="work">What is done.</param>
    /// <param name="times">When it is done beside that.</param>
    public static void AddPeriodicWorkOfOneNode(
        this IServiceCollection services,
        string lease,
        string name,
        TimeSpan every,
        Func<IServiceProvider, Func<CancellationToken, Task>> work,
        PeriodicTimes times = PeriodicTimes.None) => services.AddPeriodicWork(
            name,
            _ => every,
            provider =>
            {
                var (leases, act) = (provider.GetRequiredService<ILeases>(), work(provider));
                return async cancellationToken =>
                {
                    if (await leases.TryTakeForAsync(lease, every, cancellationToken))
                        await act(cancellationToken);
                };
            },
            times);

    /// <summary>Registers what is done when another node tells that there is a reason to.</summary>
    /// <param name="services">Where.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="topic">Where other nodes tell it.</param>
    /// <param name="work">What is done.</param>
    /// <param name="alsoOn">Other reasons on this node, while there are others to tell; gets what is to be called.</param>
    public static void AddWorkOnMessage(
        this IServiceCollection services, string name, string topic, Func<IServiceProvider, Func<CancellationToken, Task>> work, Action<IServiceProvider, Action>? alsoOn = null) =>
        services.AddSingleton<IHostedService>(provider =>
        {
            var messages = provider.GetRequiredService<INodeMessages>();
            var onMessage = new WorkOnMessage(
                name, topic, work(provider), messages, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WorkOnMessage>>());
            if (messages is not SingleNode)
                alsoOn?.Invoke(provider, onMessage.Wake);
            return onMessage;
        });
}
