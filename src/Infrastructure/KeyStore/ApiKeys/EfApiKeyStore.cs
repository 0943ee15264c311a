using System.Data;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.ApiKeys;

/// <summary>API keys in a relational database.</summary>
internal sealed class EfApiKeyStore(KeyStoreDatabase database) : IApiKeyStore
{
    private const string AllDevices = "*";

    private static readonly string AdminScope = Scopes.Admin.ToNames()[0];

    public Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken) => database.AskAsync(
        async context => (await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken))?.ToKey(),
        cancellationToken);

    public Task<string?> FindIdAsync(CertificateFingerprint certificate, CancellationToken cancellationToken) => database.AskAsync(
        context => context.ApiKeyCertificates.Where(row => row.Fingerprint == certificate.Value).Select(row => row.KeyId).SingleOrDefaultAsync(cancellationToken),
        cancellationToken);

    public Task<IReadOnlyList<ApiKey>> ListAsync(ApiKeyFilter filter, CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<ApiKey>>(
        async context =>
        {
            var rows = await Select(context.ApiKeys.AsNoTracking(), filter)
                .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
                .Take(filter.Limit)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToKey())];
        },
        cancellationToken);

    public Task<ApiKeySaved> AddAsync(ApiKey key, CancellationToken cancellationToken) => SaveAsync(
        key,
        IsolationLevel.ReadCommitted,
        async context =>
        {
            context.ApiKeys.Add(key.ToRow());
            await context.SaveChangesAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    // Serializable where it is about two rows: of two admins that end each other at the same moment, one must lose.
    public Task<ApiKeySaved> UpdateAsync(ApiKey key, DateTimeOffset? otherAdminAt, CancellationToken cancellationToken) => SaveAsync(
        key,
        otherAdminAt is null ? IsolationLevel.ReadCommitted : IsolationLevel.Serializable,
        async context =>
        {
            var entry = context.Attach(key.ToRow());
            entry.State = EntityState.Modified;

            // Written on its own by SaveUsesAsync, perhaps since this key was read.
            entry.Property(row => row.LastUsedAt).IsModified = false;
            entry.Property(row => row.LastUsedFrom).IsModified = false;
            await context.SaveChangesAsync(cancellationToken);
            await context.ApiKeyCertificates.Where(row => row.KeyId == key.Id).ExecuteDeleteAsync(cancellationToken);
            return otherAdminAt is not { } now || await Admins(context, now).AnyAsync(row => row.Id != key.Id, cancellationToken);
        },
        cancellationToken);

    public Task<bool> HasActiveAdminAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.AskAsync(context => Admins(context, now).AnyAsync(cancellationToken), cancellationToken);

    public Task<int> CountInTierAsync(string tier, CancellationToken cancellationToken) => database.AskAsync(
        context => context.ApiKeys.CountAsync(row => row.Tier == tier && row.RevokedAt == null, cancellationToken), cancellationToken);

    public Task SaveUsesAsync(IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken) => database.AskAsync(
        async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);

            // In one order everywhere, so that two nodes do not wait for each other.
            foreach (var use in uses.OrderBy(use => use.KeyId, StringComparer.Ordinal))
            {
                var at = use.At.UtcDateTime;
                await context.ApiKeys.Where(row => row.Id == use.KeyId && (row.LastUsedAt == null || row.LastUsedAt < at)).ExecuteUpdateAsync(
                    row => row.SetProperty(key => key.LastUsedAt, at).SetProperty(key => key.LastUsedFrom, use.From), cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private static IQueryable<ApiKeyRow> Select(IQueryable<ApiKeyRow> rows, ApiKeyFilter filter)
    {
        var now = filter.Now.UtcDateTime;
        rows = filter.Status switch
        {
            ApiKeyStatus.Active => rows.Where(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now)),
            ApiKeyStatus.Expired => rows.Where(row => row.RevokedAt == null && row.ExpiresAt <= now),
            ApiKeyStatus.Revoked => rows.Where(row => row.RevokedAt != null),
            _ => rows,
        };
        if (filter.Tier is { } tier)
            rows = rows.Where(row => row.Tier == tier);
        if (filter.Text is { } text)
        {
#pragma warning disable CA1304, CA1311, CA1862 // The database compares; it has no cultures.
            var lower = text.ToLowerInvariant();
            rows = rows.Where(row => row.Name.ToLower().Contains(lower) || row.Notes.ToLower().Contains(lower) || row.Id.ToLower() == lower);
#pragma warning restore CA1304, CA1311, CA1862
        }

        if (filter.After is not { } after)
            return rows;
        var createdAt = after.CreatedAt.UtcDateTime;
        return rows.Where(row => row.CreatedAt < createdAt || (row.CreatedAt == createdAt && string.Compare(row.Id, after.Id) < 0));
    }

    private static IQueryable<ApiKeyRow> Admins(KeyStoreContext context, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        return context.ApiKeys.Where(row =>
            row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > time) && row.Scopes.Contains(AdminScope)
            && row.Buckets.Count == 0 && row.Networks.Count == 0 && (row.Devices.Count == 0 || row.Devices.Contains(AllDevices)));
    }

    // The change tells whether an admin is left.
    private async Task<ApiKeySaved> SaveAsync(ApiKey key, IsolationLevel isolation, Func<KeyStoreContext, Task<bool>> change, CancellationToken cancellationToken)
    {
        try
        {
            return await database.AskAsync(
                async context =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(isolation, cancellationToken);
                    if (!await change(context))
                        return ApiKeySaved.LastAdmin;
                    if (await AreTakenAsync(context, key, cancellationToken))
                        return ApiKeySaved.CertificateTaken;
                    context.ApiKeyCertificates.AddRange(key.Certificates.Select(certificate => new ApiKeyCertificateRow { Fingerprint = certificate.Value, KeyId = key.Id }));
                    await context.SaveChangesAsync(cancellationToken);
                    await transaction.CommitAsync(cancellationToken);
                    return ApiKeySaved.Done;
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is DbUpdateConcurrencyException || KeyStoreOutage.IsConflict(exception))
        {
            return ApiKeySaved.Conflict;
        }
    }

    private static async Task<bool> AreTakenAsync(KeyStoreContext context, ApiKey key, CancellationToken cancellationToken)
    {
        var fingerprints = key.Certificates.Select(certificate => certificate.Value).ToList();
        return fingerprints.Count > 0
            && await context.ApiKeyCertificates.AnyAsync(row => fingerprints.Contains(row.Fingerprint) && row.KeyId != key.Id, cancellationToken);
    }
}
