using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Opens the store before the first request and flushes it after the last.</summary>
internal sealed class EmbeddedStoreLifetime(IServiceProvider services) : IHostedService
{
    /// <exception cref="StorageStartException">The store can not be opened.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<EmbeddedStore>();
        return Task.CompletedTask;
    }

    // Not with the token: that is used up when requests were cut off, and then the flush matters all the more.
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.Run(services.GetRequiredService<EmbeddedStore>().Dispose, CancellationToken.None);
}
