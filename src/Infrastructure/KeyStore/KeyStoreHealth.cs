using IotBackend.Application.SystemStatus;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Asks the key store something small. Keys that are cached go on working without it, so it is degraded, not unhealthy.</summary>
internal sealed class KeyStoreHealth(IDbContextFactory<KeyStoreContext> contexts, TimeProvider time) : IComponentHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public string Name => "keyStore";

    public async ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var end = new CancellationTokenSource(Patience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);

            // SQLite knows no other end of a wait.
            context.Database.SetCommandTimeout(Patience);
            await context.ApiKeys.AnyAsync(patience.Token);
            return new ComponentHealth(HealthStatus.Healthy, time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ComponentHealth(
                HealthStatus.Degraded, time.GetElapsedTime(start).TotalMilliseconds, "The key store does not answer; only keys used lately are known.");
        }
    }
}
