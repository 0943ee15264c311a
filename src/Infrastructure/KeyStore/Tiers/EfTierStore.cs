using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Tiers;

/// <summary>Tiers in the key store's database.</summary>
internal sealed class EfTierStore(KeyStoreDatabase database) : ITierStore
{
    public Task<IReadOnlyList<Tier>> ListAsync(CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<Tier>>(
        async context => [.. (await context.Tiers.AsNoTracking().ToListAsync(cancellationToken)).Select(ToTier)],
        cancellationToken);

    public Task<StoredTier?> FindAsync(string name, CancellationToken cancellationToken) => database.AskAsync(
        async context => await context.Tiers.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancellationToken) is { } row
            ? new StoredTier(ToTier(row), row.Version)
            : null,
        cancellationToken);

    public Task<bool> SaveAsync(Tier tier, StoredTier? before, CancellationToken cancellationToken) => ChangeAsync(
        context => context.Entry(ToRow(tier, before?.Version ?? 0)).State = before is null ? EntityState.Added : EntityState.Modified, cancellationToken);

    public Task<bool> DeleteAsync(StoredTier tier, CancellationToken cancellationToken) =>
        ChangeAsync(context => context.Entry(ToRow(tier.Tier, tier.Version)).State = EntityState.Deleted, cancellationToken);

    private async Task<bool> ChangeAsync(Action<KeyStoreContext> change, CancellationToken cancellationToken)
    {
        try
        {
            return await database.AskAsync(
                async context =>
                {
                    change(context);
                    await context.SaveChangesAsync(cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is DbUpdateConcurrencyException || KeyStoreOutage.IsConflict(exception))
        {
            return false;
        }
    }

    private static Tier ToTier(TierRow row) => new(row.Name, row.Requests, row.Measurements, row.WindowSeconds, row.Burst);

    private static TierRow ToRow(Tier tier, int version) => new()
    {
        Name = tier.Name,
        Requests = tier.Requests,
        Measurements = tier.Measurements,
        WindowSeconds = tier.WindowSeconds,
        Burst = tier.Burst,
        Version = version,
    };
}
