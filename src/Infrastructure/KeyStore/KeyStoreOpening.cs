using Microsoft.Extensions.Hosting;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Opens the key store when the program starts.</summary>
internal sealed class KeyStoreOpening(IKeyStoreStart start) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => start.OpenAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
