using IotBackend.Application.Devices;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.Background;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Infrastructure.Devices;

/// <summary>Registers the directory of devices for a store that does not count them itself.</summary>
public static class DeviceDirectoryRegistration
{
    private static readonly TimeSpan ExchangeEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LearnEvery = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LearnAloneEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FillEvery = TimeSpan.FromSeconds(5);

    internal static void AddDeviceDirectory(this IServiceCollection services)
    {
        services.AddSingleton<DeviceDirectory>();
        services.AddSingleton<IDeviceDirectory>(provider => provider.GetRequiredService<DeviceDirectory>());
        services.AddSingleton<DeviceFilling>();
    }

    /// <summary>What is done in the background; after the key store, which is opened before and closed after.</summary>
    public static IServiceCollection AddDeviceCounting(this IServiceCollection services)
    {
        services.AddHostedService<DeviceDirectoryOpening>();
        services.AddPeriodicWork("counting devices", ExchangeEvery, Exchange, doesItAtTheEnd: true);
        services.AddPeriodicWorkOfOneNode("device-filling", "looking for devices", FillEvery, provider => provider.GetRequiredService<DeviceFilling>().RunAsync);
        return services;
    }

    // Without others to tell of there may still be some, which share the key store alone.
    private static Func<CancellationToken, Task> Exchange(IServiceProvider services)
    {
        var (directory, time) = (services.GetRequiredService<DeviceDirectory>(), services.GetRequiredService<TimeProvider>());
        var every = services.GetRequiredService<INodeMessages>() is SingleNode ? LearnAloneEvery : LearnEvery;
        var learntAt = time.GetTimestamp();
        return async cancellationToken =>
        {
            var learns = time.GetElapsedTime(learntAt) >= every;
            await directory.ExchangeAsync(learns, cancellationToken);
            if (learns)
                learntAt = time.GetTimestamp();
        };
    }
}
