using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>API keys in a relational database.</summary>
internal sealed partial class EfApiKeyStore(IDbContextFactory<KeyStoreContext> contexts, ILogger<EfApiKeyStore> logger) : IApiKeyStore
{
    private static readonly string AdminScope = Scopes.Admin.ToNames()[0];

    private int _isDown;

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
            var answer = await question(context);
            if (Interlocked.Exchange(ref _isDown, 0) != 0)
                Log.Back(logger);
            return answer;
        }
        catch (Exception exception) when (KeyStoreOutage.Is(exception))
        {
            // Once an outage: every key that nobody knows yet asks again.
            if (Interlocked.Exchange(ref _isDown, 1) == 0)
                Log.Down(logger, exception);
            throw new KeyStoreUnavailableException("The key store does not answer.", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The key store does not answer; keys used lately go on working for a while")]
        public static partial void Down(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "The key store answers again")]
        public static partial void Back(ILogger logger);
    }
}
