using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>What all changes of keys share: finding what the caller may see, checking what he may give, storing, and forgetting the old.</summary>
internal sealed class ApiKeyEditor(IApiKeyStore store, ITiers tiers, KnownApiKeys known, ICallerContext context, AuditTrail trail, TimeProvider time)
{
    private static readonly Error ChangedMeanwhile =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "The key was changed by somebody else at the same moment: read it again.");

    // A way back in is left open; who means it makes another admin key first.
    private static readonly Error IsLastAdmin =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "This is the last key that may administer everything: make another one first.");

    /// <summary>Now, in milliseconds: what a client reads is what is kept.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        }
    }

    private Caller Caller => context.Caller!;

    /// <summary>The key, when there is one that the caller may see.</summary>
    public Task<Result<ApiKey>> FindAsync(string id, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<ApiKey>(
        async () => await store.FindAsync(id, cancellationToken) is { } key && Caller.Covers(key) ? key : ApiKeyAccess.NotFound(id));

    /// <summary>Replaces a key by what the change makes of it, when it still is as the caller asks it to be.</summary>
    public Task<Result<ApiKey>> ChangeAsync(
        string id, Precondition precondition, Func<ApiKey, Result<ApiKey>> change, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<ApiKey>(
        async () =>
        {
            var found = await FindAsync(id, cancellationToken);
            if ((found.Error ?? precondition.Check(found.Value)) is { } refused)
                return refused;
            var changed = change(found.Value);
            if ((changed.Error ?? Check(changed.Value, found.Value)) is { } wrong)
                return wrong;
            var now = time.GetUtcNow();
            DateTimeOffset? otherAdminAt = IsAdmin(found.Value, now) && !IsAdmin(changed.Value, now) ? now : null;
            if (await SaveAsync(() => store.UpdateAsync(changed.Value, otherAdminAt, CancellationToken.None), cancellationToken) is { } failure)
                return failure;
            var saved = changed.Value with { Version = changed.Value.Version + 1 };
            known.Forget(saved);
            trail.Tell(ApiKeyAudit.Describe(found.Value), ApiKeyAudit.Describe(saved));
            return saved;
        });

    /// <summary>Adds a key.</summary>
    public Task<Result<ApiKey>> AddAsync(ApiKey key, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<ApiKey>(
        async () =>
        {
            if ((Check(key, null) ?? await SaveAsync(() => store.AddAsync(key, CancellationToken.None), cancellationToken)) is { } failure)
                return failure;
            known.Forget(key);
            trail.Tell(null, ApiKeyAudit.Describe(key), key.Id);
            return key;
        });

    private Error? Check(ApiKey key, ApiKey? before)
    {
        if (ApiKeyAccess.CheckGrant(Caller, key) is { } beyond)
            return beyond;
        return key.Tier != before?.Tier && tiers.Find(key.Tier) is null
            ? Error.Invalid([new Fault("tier", ErrorCodes.UnknownTier, $"There is no tier '{key.Tier}'.")])
            : null;
    }

    private static bool IsAdmin(ApiKey key, DateTimeOffset now) =>
        key.StatusAt(now) == ApiKeyStatus.Active && key.Scopes.HasFlag(Scopes.Admin) && key.ToCaller().IsUnlimited();

    // Not given up when the client goes: half of it may be done.
    private static async Task<Error?> SaveAsync(Func<Task<ApiKeySaved>> save, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await save() switch
        {
            ApiKeySaved.Done => null,
            ApiKeySaved.CertificateTaken => new Error(ErrorKind.Conflict, ErrorCodes.Conflict, "One of the certificates stands for another key."),
            ApiKeySaved.LastAdmin => IsLastAdmin,
            _ => ChangedMeanwhile,
        };
    }
}
