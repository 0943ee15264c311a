using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Infrastructure.Background;
using IotBackend.Infrastructure.KeyStore.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Registers what is done in the background for blocks and the audit log.</summary>
internal static class KeyStoreUpkeep
{
    private static readonly TimeSpan AuditWriting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AuditCleaning = TimeSpan.FromHours(1);

    /// <summary>Keeps the blocks in memory and those in the database the same.</summary>
    public static void AddBlockUpkeep(this IServiceCollection services) => services.AddPeriodicWork(
        "storing and refreshing blocks",
        provider => provider.GetRequiredService<BlockRefreshing>().Interval,
        provider => provider.GetRequiredService<BlockSynchronization>().RunAsync,
        PeriodicTimes.BeforeStart | PeriodicTimes.AtEnd);

    /// <summary>Writes security events, each node its own, and removes old ones, on one of the nodes that share the log.</summary>
    public static void AddAuditUpkeep(this IServiceCollection services)
    {
        services.AddSingleton<AuditCleaner>();
        services.AddPeriodicWork(
            "writing the audit log", _ => AuditWriting, provider => Write(provider, isLast: false), PeriodicTimes.AtOnce | PeriodicTimes.AtEnd, provider => Write(provider, isLast: true));
        services.AddPeriodicWorkOfOneNode(
            "audit-clean-up", "removing old entries of the audit log", AuditCleaning, provider => provider.GetRequiredService<AuditCleaner>().RunAsync, PeriodicTimes.AtOnce);
    }

    private static Func<CancellationToken, Task> Write(IServiceProvider services, bool isLast)
    {
        var events = services.GetRequiredService<SecurityEventWriter>();
        return cancellationToken => events.RunAsync(isLast, cancellationToken);
    }
}
