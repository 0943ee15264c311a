using System.Data.Common;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>API keys in a relational database.</summary>
internal sealed class EfApiKeyStore(IDbContextFactory<KeyStoreContext> contexts) : IApiKeyStore
{
    public Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken) => AskAsync(
        async context => (await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken))?.ToKey(),
        cancellationToken);

    public Task AddAsync(ApiKey key, CancellationToken cancellationToken) => AskAsync(
        context =>
        {
            context.ApiKeys.Add(key.ToRow());
            return context.SaveChangesAsync(cancellationToken);
        },
        cancellationToken);

    public Task<bool> HasActiveAdminAsync(DateTimeOffset now, CancellationToken cancellationToken) => AskAsync(
        async context =>
        {
            // Scopes are a JSON text that no provider queries alike; keys that could count are few.
            var candidates = await context.ApiKeys.AsNoTracking().Where(row => row.RevokedAt == null).ToListAsync(cancellationToken);
            return candidates.Select(row => row.ToKey())
                .Any(key => key.StatusAt(now) == ApiKeyStatus.Active && key.Scopes.HasFlag(Domain.Access.Scopes.Admin));
        },
        cancellationToken);

    private async Task<T> AskAsync<T>(Func<KeyStoreContext, Task<T>> question, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            return await question(context);
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException { InnerException: DbException })
        {
            throw new KeyStoreUnavailableException("The key store does not answer.", exception);
        }
    }
}
