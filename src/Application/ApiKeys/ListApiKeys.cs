using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>One page of the keys that the caller may see, the newest first.</summary>
/// <param name="Text">In the name, the notes or the id; null: any.</param>
/// <param name="Status">Null: any.</param>
/// <param name="Tier">Null: any.</param>
/// <param name="Limit">1–1,000 keys a page.</param>
/// <param name="After">The last key of the page before; null for the first page.</param>
public sealed record ListApiKeys(string? Text, ApiKeyStatus? Status, string? Tier, int Limit, ApiKeyPosition? After)
    : IQuery<ApiKeyPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    // Whatever the key allows: the others are left out.
    public Error? AuthorizeObjects(Caller caller) => null;
}

/// <param name="Items">Keys, the newest first.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record ApiKeyPage(IReadOnlyList<ApiKey> Items, bool HasMore);

internal sealed class ListApiKeysValidator : AbstractValidator<ListApiKeys>
{
    public ListApiKeysValidator() => RuleFor(query => query.Limit).InclusiveBetween(1, ListApiKeys.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListApiKeys.MaxLimit}.");
}

internal sealed class ListApiKeysHandler(IApiKeyStore store, ICallerContext context, TimeProvider time) : IRequestHandler<ListApiKeys, Result<ApiKeyPage>>
{
    // What the caller may not see is passed over, this many at a time.
    private const int Step = 1_000;

    public Task<Result<ApiKeyPage>> Handle(ListApiKeys request, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<ApiKeyPage>(async () =>
    {
        var caller = context.Caller!;
        var wanted = request.Limit + 1;
        var filter = new ApiKeyFilter(request.Text, request.Status, request.Tier, request.After, caller.IsUnlimited() ? wanted : Step, time.GetUtcNow());
        var items = new List<ApiKey>();
        for (var isMore = true; isMore && items.Count < wanted;)
        {
            var some = await store.ListAsync(filter, cancellationToken);
            items.AddRange(some.Where(caller.Covers));
            isMore = some.Count == filter.Limit;
            if (isMore)
                filter = filter with { After = new ApiKeyPosition(some[^1].CreatedAt, some[^1].Id) };
        }

        return new ApiKeyPage([.. items.Take(request.Limit)], items.Count > request.Limit);
    });
}
