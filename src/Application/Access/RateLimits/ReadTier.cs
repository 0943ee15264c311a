using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>One tier.</summary>
/// <param name="Name">Its name.</param>
public sealed record ReadTier(string Name) : IQuery<Tier>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

internal sealed class ReadTierHandler(ITiers tiers) : IRequestHandler<ReadTier, Result<Tier>>
{
    public Task<Result<Tier>> Handle(ReadTier request, CancellationToken cancellationToken) =>
        Task.FromResult<Result<Tier>>(tiers.Find(request.Name) is { } tier ? tier : TierAccess.NotFound(request.Name));
}
