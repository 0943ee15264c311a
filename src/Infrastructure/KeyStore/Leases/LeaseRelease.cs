using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.KeyStore.Leases;

/// <summary>Gives this node's leases back when it ends. Registered before the work that takes them, and so stopped after it.</summary>
internal sealed class LeaseRelease(EfLeases leases) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await leases.ReleaseAsync(cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // Told by the key store; the leases end by themselves.
        }
    }
}
