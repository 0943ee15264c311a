using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>Turns an outage of the key store, where tiers, blocks and the audit log lie as well, into an error.</summary>
internal static class KeyStoreGuard
{
    private static readonly Error Unavailable =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "The key store does not answer now.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static async Task<Result<T>> AskAsync<T>(Func<Task<Result<T>>> question)
    {
        try
        {
            return await question();
        }
        catch (KeyStoreUnavailableException)
        {
            return Unavailable;
        }
    }
}
