using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>Deletes a tier that no key has. One that is built in or configured goes back to what it is there, whoever has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Precondition">What must be true of the tier as it is.</param>
public sealed record DeleteTier(string Name, Precondition Precondition) : ICommand<DeletedTier>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("tier.delete", TierAccess.AuditKind, Name);

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

/// <param name="Name">The tier's name.</param>
/// <param name="Now">The tier as it is now; null when it is gone.</param>
public sealed record DeletedTier(string Name, Tier? Now);

internal sealed class DeleteTierHandler(ITierStore store, ITiers tiers, IApiKeyStore keys, AuditTrail trail) : IRequestHandler<DeleteTier, Result<DeletedTier>>
{
    public Task<Result<DeletedTier>> Handle(DeleteTier request, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<DeletedTier>(async () =>
    {
        var stored = await store.FindAsync(request.Name, cancellationToken);
        var fallback = tiers.FindDefault(request.Name);
        var before = stored?.Tier ?? fallback;
        if (before is null)
            return TierAccess.NotFound(request.Name);
        if (request.Precondition.Check(before) is { } unmet)
            return unmet;
        if (fallback is null && await keys.CountInTierAsync(request.Name, cancellationToken) is var count and > 0)
            return InUse(request.Name, count);

        // Not given up when the client goes: half of it may be done.
        cancellationToken.ThrowIfCancellationRequested();
        if (stored is not null && !await store.DeleteAsync(stored, CancellationToken.None))
            return TierAccess.ChangedMeanwhile;
        await tiers.ReplaceAsync(request.Name, null, CancellationToken.None);
        trail.Tell(TierAccess.Describe(before), TierAccess.Describe(fallback));
        return new DeletedTier(request.Name, fallback);
    });

    private static Error InUse(string name, int keys) => new(
        ErrorKind.Conflict, ErrorCodes.Conflict, $"{(keys == 1 ? "One key has" : $"{keys} keys have")} the tier '{name}': give them another one first.")
    {
        Details = new Dictionary<string, object> { ["keys"] = keys },
    };
}
