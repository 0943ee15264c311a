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
        try
        {
            // Not ended by the token alone: to end a question, PostgreSQL is asked, and one that hangs does not answer that either.
            await AskAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return new ComponentHealth(HealthStatus.Healthy, time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception))
        {
            return new ComponentHealth(
                HealthStatus.Degraded, time.GetElapsedTime(start).TotalMilliseconds, "The key store does not answer; only keys used lately are known.");
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);

        // SQLite waits within the call.
        context.Database.SetCommandTimeout(Patience);
        await context.ApiKeys.AnyAsync(cancellationToken);
    }
}
