using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>Makes a tier, or replaces the limits of one. It holds on this node at once, on others as soon as they hear of it.</summary>
/// <param name="Tier">The tier as it should be.</param>
/// <param name="Precondition">What must be true of the tier as it is.</param>
public sealed record SaveTier(Tier Tier, Precondition Precondition) : ICommand<SavedTier>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("tier.save", TierAccess.AuditKind, Tier.Name);

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

/// <param name="Tier">The tier as it is now.</param>
/// <param name="IsNew">True when it did not exist before.</param>
public sealed record SavedTier(Tier Tier, bool IsNew);

internal sealed class SaveTierHandler(ITierStore store, ITiers tiers, AuditTrail trail) : IRequestHandler<SaveTier, Result<SavedTier>>
{
    private static readonly Error StaysUnlimited =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, $"The tier '{Tier.Unlimited.Name}' can not be given limits; make one of another name.");

    public Task<Result<SavedTier>> Handle(SaveTier request, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<SavedTier>(async () =>
    {
        var tier = request.Tier;
        if (tier.Name == Tier.Unlimited.Name && tier.HasLimits)
            return StaysUnlimited;
        var stored = await store.FindAsync(tier.Name, cancellationToken);
        var before = stored?.Tier ?? tiers.FindDefault(tier.Name);
        if (request.Precondition.Check(before) is { } unmet)
            return unmet;

        // Not given up when the client goes: half of it may be done.
        cancellationToken.ThrowIfCancellationRequested();
        if (!await store.SaveAsync(tier, stored, CancellationToken.None))
            return TierAccess.ChangedMeanwhile;
        await tiers.ReplaceAsync(tier.Name, tier, CancellationToken.None);
        trail.Tell(TierAccess.Describe(before), TierAccess.Describe(tier));
        return new SavedTier(tier, before is null);
    });
}
