using System.Text;
using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Buckets;

/// <summary>One page of the buckets that the caller may use, ordered by the UTF-8 bytes of their names, each with what it holds.</summary>
/// <param name="Limit">1–1,000 buckets a page.</param>
/// <param name="After">The last bucket of the page before, whether it still exists or not; null for the first page.</param>
public sealed record ListBuckets(int Limit, BucketName? After) : IQuery<BucketPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    // Whatever the key allows: the others are left out.
    public Error? AuthorizeObjects(Caller caller) => null;
}

/// <param name="Items">Buckets by name.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record BucketPage(IReadOnlyList<MeasuredBucket> Items, bool HasMore);

internal sealed class ListBucketsValidator : AbstractValidator<ListBuckets>
{
    public ListBucketsValidator() => RuleFor(query => query.Limit).InclusiveBetween(1, ListBuckets.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListBuckets.MaxLimit}.");
}

internal sealed class ListBucketsHandler(IBucketStore store, BucketUsages usages, ICallerContext context)
    : IRequestHandler<ListBuckets, Result<BucketPage>>
{
    public async Task<Result<BucketPage>> Handle(ListBuckets request, CancellationToken cancellationToken)
    {
        var listed = await store.ListAsync(cancellationToken);
        if (listed.Error is { } failure)
            return failure;
        var wanted = listed.Value
            .Where(bucket => context.Caller!.MayUse(bucket.Name) && IsAfter(request.After, bucket.Name))
            .Take(request.Limit + 1).ToList();
        var items = await usages.MeasureAsync([.. wanted.Take(request.Limit)], cancellationToken);
        return new BucketPage(items, wanted.Count > request.Limit);
    }

    private static bool IsAfter(BucketName? after, BucketName name) =>
        after is null || Encoding.UTF8.GetBytes(name.Value).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(after.Value)) > 0;
}
