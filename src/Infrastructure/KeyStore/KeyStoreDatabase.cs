using IotBackend.Application.ApiKeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Asks the key store's database, and tells its outages from its answers. Whatever is kept in it is asked through here.</summary>
internal sealed partial class KeyStoreDatabase(IDbContextFactory<KeyStoreContext> contexts, ILogger<KeyStoreDatabase> logger)
{
    private int _isDown;

    /// <exception cref="KeyStoreUnavailableException">The database can not be asked now.</exception>
    public async Task<T> AskAsync<T>(Func<KeyStoreContext, Task<T>> question, CancellationToken cancellationToken)
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
