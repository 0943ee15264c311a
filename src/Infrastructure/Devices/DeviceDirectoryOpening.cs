using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.Devices;

/// <summary>Learns at the start which devices there are, so that the first question finds them; if that fails, it is tried again in the background.</summary>
internal sealed class DeviceDirectoryOpening(DeviceDirectory directory) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await directory.ExchangeAsync(learns: true, cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // Told by the key store, once an outage.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
