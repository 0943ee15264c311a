using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>API keys in a relational database.</summary>
internal sealed class EfApiKeyStore(IDbContextFactory<KeyStoreContext> contexts) : IApiKeyStore
{
    private static readonly string AdminScope = Scopes.Admin.ToNames()[0];

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

    public Task<bool> HasActiveAdminAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var time = now.UtcDateTime;
        return AskAsync(
            context => context.ApiKeys.AnyAsync(
                row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > time) && row.Scopes.Contains(AdminScope),
                cancellationToken),
            cancellationToken);
    }

    private async Task<T> AskAsync<T>(Func<KeyStoreContext, Task<T>> question, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            return await question(context);
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception))
        {
            throw new KeyStoreUnavailableException("The key store does not answer.", exception);
        }
    }
}
