using System.Net;
using System.Security.Cryptography;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Access;

/// <summary>
/// Looks a key up by its id, in the cache first, and compares the hash of its secret in constant time. An unknown id is compared too,
/// against what nothing matches, so that a cached answer does not tell an unknown id from a wrong secret by its time.
/// </summary>
public sealed class ApiKeyAuthenticator : IApiKeyAuthenticator
{
    private const string CachePrefix = "apikey:";
    private const string CertificatePrefix = "certificate:";

    // A key store that hangs must not hold up those whose keys are known, nor anyone for long.
    private static readonly TimeSpan PatienceWhenKnown = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private static readonly byte[] NoHash = new byte[ApiKeyToken.HashLength];

    private static readonly Error InvalidCredentials =
        new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The API key is not valid.");

    private static readonly Error InvalidCertificate =
        new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The client certificate stands for no valid API key.");

    private static readonly Error NetworkNotAllowed =
        new(ErrorKind.Forbidden, ErrorCodes.NetworkNotAllowed, "The API key may not be used from this address.");

    private static readonly Error Unavailable =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "API keys can not be looked up now.") { RetryAfter = RetryAfter };

    private readonly IApiKeyStore _store;
    private readonly IFusionCache _cache;
    private readonly KnownApiKeys _changed;
    private readonly TimeProvider _time;
    private readonly ISecurityEvents? _events;
    private readonly AbsentIds _absentIds;
    private readonly TimeSpan _longestUse;
    private readonly FusionCacheEntryOptions _entryOptions;

    public ApiKeyAuthenticator(
        IApiKeyStore store, IFusionCache cache, KnownApiKeys changed, ApiKeyCaching caching, TimeProvider time, ISecurityEvents? events = null)
    {
        (_store, _cache, _changed, _time, _events) = (store, cache, changed, time, events);
        _absentIds = new AbsentIds(time);
        _longestUse = caching.Lifetime + caching.OutageLifetime;

        // Hashes of secrets stay in this process: no second level.
        _entryOptions = new FusionCacheEntryOptions(caching.Lifetime)
            .SetFailSafe(true, _longestUse, RetryAfter)
            .SetFactoryTimeouts(PatienceWhenKnown, Patience)
            .SetSkipDistributedCache(true, true)

            // What a node has looked up is no news to others.
            .SetSkipBackplaneNotifications(true);
        changed.Changed += _absentIds.Clear;
    }

    /// <summary>
    /// The name of a key's entry in the cache. Whoever changes a key removes the entry: one that has only expired would come back
    /// in an outage.
    /// </summary>
    public static string CacheKey(ReadOnlySpan<char> id) => string.Concat(CachePrefix, id);

    // Without a state machine of its own where the key is known (benchmark P6).
    public ValueTask<Result<Caller>> AuthenticateAsync(string presentedKey, IPAddress? remoteAddress, CancellationToken cancellationToken)
    {
        if (!ApiKeyToken.TryParse(presentedKey, out var id, out var secret))
            return ValueTask.FromResult<Result<Caller>>(Refuse(InvalidCredentials, SecurityActions.Malformed, null, remoteAddress));
        var hash = ApiKeyToken.HashSecret(secret);
        var known = FindAsync(CacheKey(id), cancellationToken);
        return known.IsCompletedSuccessfully ? ValueTask.FromResult(Check(known.Result, hash, remoteAddress)) : CheckAsync(known, hash, remoteAddress);
    }

    private async ValueTask<Result<Caller>> CheckAsync(ValueTask<KnownKey> finding, ReadOnlyMemory<byte> hash, IPAddress? remoteAddress)
    {
        try
        {
            return Check(await finding, hash.Span, remoteAddress);
        }
        catch (Exception exception) when (exception is KeyStoreUnavailableException or SyntheticTimeoutException)
        {
            return Unavailable;
        }
    }

    public async ValueTask<Result<Caller>> AuthenticateAsync(CertificateFingerprint certificate, IPAddress? remoteAddress, CancellationToken cancellationToken)
    {
        try
        {
            return Check(await FindAsync(certificate, cancellationToken), isRight: true, InvalidCertificate, _time.GetUtcNow(), remoteAddress);
        }
        catch (Exception exception) when (exception is KeyStoreUnavailableException or SyntheticTimeoutException)
        {
            return Unavailable;
        }
    }

    // Two steps, each with its entry in the cache: whose the certificate is, and that key. The key has the last word, so that a certificate
    // that was taken from it lets nobody in.
    private async ValueTask<KnownKey> FindAsync(CertificateFingerprint certificate, CancellationToken cancellationToken)
    {
        var entry = CertificatePrefix + certificate.Value;
        var hit = await _cache.TryGetAsync<string?>(entry, _entryOptions, cancellationToken);
        if (hit.HasValue)
        {
            var holder = await FindHolderAsync(hit.Value, certificate, cancellationToken);
            if (hit.Value is null || holder.Key is not null)
                return holder;
            await _cache.RemoveAsync(entry, _entryOptions, cancellationToken);
        }

        return await FindHolderAsync(await LookUpIdAsync(entry, certificate, cancellationToken), certificate, cancellationToken);
    }

    private async ValueTask<KnownKey> FindHolderAsync(string? id, CertificateFingerprint certificate, CancellationToken cancellationToken)
    {
        if (id is null)
            return KnownKey.None;
        var known = await FindAsync(CacheKey(id), cancellationToken);
        return known.Key?.Certificates.Contains(certificate) == true ? known : KnownKey.None;
    }

    private async ValueTask<string?> LookUpIdAsync(string entry, CertificateFingerprint certificate, CancellationToken cancellationToken) =>
        _absentIds.Contains(entry) ? null : await _cache.GetOrSetAsync<string?>(
            entry,
            async (context, token) => await _store.FindIdAsync(certificate, token) ?? Absent<string?>(entry, context, null),
            _entryOptions,
            cancellationToken);

    private ValueTask<KnownKey> FindAsync(string cacheKey, CancellationToken cancellationToken)
    {
        // Apart from the look-up, because a hit then allocates nothing.
#pragma warning disable CA1849 // Memory alone is asked: there is nothing to wait for.
        var hit = _cache.TryGet<KnownKey>(cacheKey, _entryOptions, cancellationToken);
#pragma warning restore CA1849
        return hit.HasValue && !IsOutdated(hit.Value) ? ValueTask.FromResult(hit.Value) : FindInStoreAsync(cacheKey, cancellationToken);
    }

    private async ValueTask<KnownKey> FindInStoreAsync(string cacheKey, CancellationToken cancellationToken)
    {
        if (_absentIds.Contains(cacheKey))
            return KnownKey.None;

        // Of those who ask for one key at once the cache lets one look it up. While nothing answers the others would wait one after the other.
        using var end = new CancellationTokenSource(Patience, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            return await LookUpAsync(cacheKey, patience.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeyStoreUnavailableException("The key store does not answer in time.", exception);
        }
    }

    private async ValueTask<KnownKey> LookUpAsync(string cacheKey, CancellationToken cancellationToken)
    {
        var found = await LookUpOnceAsync(cacheKey, cancellationToken);
        if (!IsOutdated(found))
            return found;

        // It was looked up before the key was changed on this node, and arrived afterwards.
        await _cache.RemoveAsync(cacheKey, _entryOptions, cancellationToken);
        found = await LookUpOnceAsync(cacheKey, cancellationToken);
        return IsOutdated(found) ? throw new KeyStoreUnavailableException("The key store answers with what is no longer so.", null) : found;
    }

    private bool IsOutdated(KnownKey found) => found.Key is { } key && _changed.IsOutdated(key);

    private ValueTask<KnownKey> LookUpOnceAsync(string cacheKey, CancellationToken cancellationToken) => _cache.GetOrSetAsync<KnownKey>(
        cacheKey,
        async (context, _) =>
        {
            // For all who wait, also when one of them goes. The time is that before the question: the answer may be older than its arrival.
            var askedAt = _time.GetTimestamp();
            if (await _store.FindAsync(cacheKey[CachePrefix.Length..], CancellationToken.None) is { } key)
                return new KnownKey(key, askedAt);
            return Absent(cacheKey, context, KnownKey.None);
        },
        _entryOptions,
        cancellationToken);

    private T Absent<T>(string entry, FusionCacheFactoryExecutionContext<T> context, T nothing)
    {
        _absentIds.Add(entry);

        // Only what existed once is overwritten, so that made-up ids take no place in the cache.
        if (context.HasStaleValue)
            context.Options.SetDuration(AbsentIds.Lifetime).SetFailSafe(false);
        else
            context.Options.SetSkipMemoryCacheWrite();
        return nothing;
    }

    private Result<Caller> Check(KnownKey known, ReadOnlySpan<byte> hash, IPAddress? remoteAddress)
    {
        var now = _time.GetUtcNow();
        var isRight = Matches(hash, known.Key?.SecretHash) | Matches(hash, known.Key?.SecretBefore(now));
        return Check(known, isRight, InvalidCredentials, now, remoteAddress);
    }

    private Result<Caller> Check(KnownKey known, bool isRight, Error invalid, DateTimeOffset now, IPAddress? remoteAddress)
    {
        if (known.Key is not { } key)
            return Refuse(invalid, SecurityActions.UnknownKey, null, remoteAddress);

        // The cache renews what it kept through a failure for as long as it is asked for; this bound it does not know.
        if (_time.GetElapsedTime(known.LookedUpAt) > _longestUse)
            return Unavailable;
        if (!isRight)
            return Refuse(invalid, SecurityActions.WrongSecret, key, remoteAddress);
        if (key.StatusAt(now) is var status && status != ApiKeyStatus.Active)
            return Refuse(invalid, status == ApiKeyStatus.Expired ? SecurityActions.Expired : SecurityActions.Revoked, key, remoteAddress);
        return known.Caller.Value.MayCallFrom(remoteAddress)
            ? known.Caller
            : Refuse(NetworkNotAllowed, ErrorCodes.NetworkNotAllowed, key, remoteAddress);
    }

    // What was presented is told to nobody; the id of a key only when there is one.
    private Error Refuse(Error error, string reason, ApiKey? key, IPAddress? remoteAddress)
    {
        _events?.Post(new SecurityEvent(SecurityActions.AuthenticationFail, reason)
        {
            Address = remoteAddress is null ? null : AddressNetwork.Of(remoteAddress),
            ObjectKind = key is null ? null : ApiKeyAudit.Kind,
            ObjectId = key?.Id,
        });
        return error;
    }

    private static bool Matches(ReadOnlySpan<byte> hash, ReadOnlyMemory<byte>? expected) =>
        CryptographicOperations.FixedTimeEquals(hash, expected is { } bytes ? bytes.Span : NoHash) & expected is not null;

    /// <summary>A key as the cache holds it, with its answer ready.</summary>
    private sealed class KnownKey
    {
        public static readonly KnownKey None = new();

        public KnownKey(ApiKey key, long lookedUpAt) => (Key, LookedUpAt, Caller) = (key, lookedUpAt, key.ToCaller());

        private KnownKey() => Caller = InvalidCredentials;

        /// <summary>Null when there is no such key.</summary>
        public ApiKey? Key { get; }

        /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
        public long LookedUpAt { get; }

        public Result<Caller> Caller { get; }
    }
}
