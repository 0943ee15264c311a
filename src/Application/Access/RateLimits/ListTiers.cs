using FluentValidation;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>One page of the tiers, ordered by the bytes of their names.</summary>
/// <param name="Limit">1–1,000 tiers a page.</param>
/// <param name="After">The name of the last tier of the page before, whether it still exists or not; null for the first page.</param>
public sealed record ListTiers(int Limit, string? After) : IQuery<TierPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

/// <param name="Items">Tiers by name.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record TierPage(IReadOnlyList<Tier> Items, bool HasMore);

internal sealed class ListTiersValidator : AbstractValidator<ListTiers>
{
    public ListTiersValidator() => RuleFor(query => query.Limit).InclusiveBetween(1, ListTiers.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListTiers.MaxLimit}.");
}

internal sealed class ListTiersHandler(ITiers tiers) : IRequestHandler<ListTiers, Result<TierPage>>
{
    public Task<Result<TierPage>> Handle(ListTiers request, CancellationToken cancellationToken)
    {
        var rest = tiers.List().Where(tier => request.After is null || string.CompareOrdinal(tier.Name, request.After) > 0).Take(request.Limit + 1).ToList();
        return Task.FromResult<Result<TierPage>>(new TierPage([.. rest.Take(request.Limit)], rest.Count > request.Limit));
    }
}
