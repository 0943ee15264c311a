using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>Opens the spool before the first request and closes it after the last.</summary>
internal sealed class SpoolLifetime(IServiceProvider services) : IHostedService
{
    /// <exception cref="StorageStartException">The spool can not be opened.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<SpoolQueue>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.Run(services.GetRequiredService<SpoolQueue>().Dispose, CancellationToken.None);
}
