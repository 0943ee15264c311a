using FluentValidation;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.Blocks;

/// <summary>One page of the blocks that hold now, the newest first.</summary>
/// <param name="Kind">Null: both.</param>
/// <param name="Limit">1–1,000 blocks a page.</param>
/// <param name="After">The id of the last block of the page before; null for the first page.</param>
public sealed record ListBlocks(BlockKind? Kind, int Limit, string? After) : IQuery<BlockPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

/// <param name="Items">Blocks, the newest first.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record BlockPage(IReadOnlyList<Block> Items, bool HasMore);

internal sealed class ListBlocksValidator : AbstractValidator<ListBlocks>
{
    public ListBlocksValidator() => RuleFor(query => query.Limit).InclusiveBetween(1, ListBlocks.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListBlocks.MaxLimit}.");
}

internal sealed class ListBlocksHandler(BlockList blocks) : IRequestHandler<ListBlocks, Result<BlockPage>>
{
    public Task<Result<BlockPage>> Handle(ListBlocks request, CancellationToken cancellationToken)
    {
        var wanted = blocks.List()
            .Where(block => (request.Kind is null || block.Kind == request.Kind) && (request.After is null || string.CompareOrdinal(block.Id, request.After) < 0))
            .Take(request.Limit + 1).ToList();
        return Task.FromResult<Result<BlockPage>>(new BlockPage([.. wanted.Take(request.Limit)], wanted.Count > request.Limit));
    }
}
