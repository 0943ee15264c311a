using IotBackend.Api.SystemStatus;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Composition;

/// <summary>
/// Keeps the server listening for a while after readiness has turned off, so that a load balancer notices before connections are refused.
/// </summary>
internal sealed class Drain(Readiness readiness, IOptions<ShutdownOptions> options, TimeProvider time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.TurnOff();
        return Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), time, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
