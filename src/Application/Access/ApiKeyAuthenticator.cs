using System.Net;
using System.Security.Cryptography;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Access;

/// <summary>
/// Looks a key up by its id, in the cache first, and compares the hash of its secret in constant time. An unknown id is compared too,
/// against nothing that can match, so that time tells an unknown id and a wrong secret apart by nothing.
/// </summary>
public sealed class ApiKeyAuthenticator(IApiKeyStore store, IFusionCache cache, TimeProvider time) : IApiKeyAuthenticator
{
    /// <summary>How long a found key serves before it is looked up again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long a key that was found before serves while the store is down.</summary>
    public static readonly TimeSpan OutageLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long it is remembered that there is no such key.</summary>
    public static readonly TimeSpan AbsenceLifetime = TimeSpan.FromSeconds(5);

    private static readonly byte[] NoHash = new byte[ApiKeyToken.HashLength];

    private static readonly Error InvalidCredentials =
        new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The API key is not valid.");

    private static readonly Error NetworkNotAllowed =
        new(ErrorKind.Forbidden, ErrorCodes.NetworkNotAllowed, "The API key may not be used from this address.");

    private static readonly Error Unavailable =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "API keys can not be looked up now.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static string CacheKey(string id) => "apikey:" + id;

    public async ValueTask<Result<Caller>> AuthenticateAsync(string presentedKey, IPAddress? remoteAddress, CancellationToken cancellationToken)
    {
        if (!ApiKeyToken.TryParse(presentedKey, out var id, out var secret))
            return InvalidCredentials;
        var hash = ApiKeyToken.HashSecret(secret);
        KnownKey known;
        try
        {
            known = await FindAsync(id.ToString(), cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            return Unavailable;
        }

        return Check(known, hash, remoteAddress);
    }

    private async ValueTask<KnownKey> FindAsync(string id, CancellationToken cancellationToken)
    {
        // The common case takes no closure: a hit is found by its name alone.
        var name = CacheKey(id);
        var hit = await cache.TryGetAsync<KnownKey>(name, token: cancellationToken);
        return hit.HasValue ? hit.Value : await LookUpAsync(name, id, cancellationToken);
    }

    private ValueTask<KnownKey> LookUpAsync(string name, string id, CancellationToken cancellationToken) => cache.GetOrSetAsync<KnownKey>(
        name,
        async (context, token) =>
        {
            var known = new KnownKey(await store.FindAsync(id, token));
            if (known.Key is null)
                context.Options.SetDuration(AbsenceLifetime).SetFailSafe(false);
            return known;
        },
        options => options.SetDuration(Lifetime).SetFailSafe(true, OutageLifetime, TimeSpan.FromSeconds(5)).SetSize(1),
        token: cancellationToken);

    private Result<Caller> Check(KnownKey known, ReadOnlySpan<byte> hash, IPAddress? remoteAddress)
    {
        var now = time.GetUtcNow();
        var isRight = Matches(hash, known.Key?.SecretHash) | Matches(hash, known.Key?.SecretBefore(now));
        if (!isRight || known.Key!.StatusAt(now) != ApiKeyStatus.Active)
            return InvalidCredentials;
        return known.Success!.Value.MayCallFrom(remoteAddress) ? known.Success : NetworkNotAllowed;
    }

    private static bool Matches(ReadOnlySpan<byte> hash, ReadOnlyMemory<byte>? expected) =>
        CryptographicOperations.FixedTimeEquals(hash, expected is { } bytes ? bytes.Span : NoHash) & expected is not null;

    /// <summary>A key as the cache holds it, with its answer ready; none when there is no such key.</summary>
    private sealed class KnownKey(ApiKey? key)
    {
        public ApiKey? Key { get; } = key;

        public Result<Caller>? Success { get; } = key is null ? null : Result<Caller>.Success(key.ToCaller());
    }
}
