using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>The newest value of every field of the keys asked for, ordered by key.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="Limit">1–10,000 keys a page.</param>
/// <param name="After">The last key of the page before; null for the first page.</param>
public sealed record ReadLatest(MeasurementTarget Target, int Limit, MeasurementKey? After)
    : IQuery<ServedAnswer>, IRateLimited, IRequiresAccess, IParsedRequest, IAnswerQuery
{
    public const int DefaultLimit = 1_000;

    private static readonly TimeRange AllTime = new(Timestamp.MinValue, Timestamp.MaxValue);

    public Error? ParseError { get; init; }

    public bool IsKnownValid { get; init; }

    /// <summary>How the page is written.</summary>
    public required IAnswerFormat<ReadLatest, LatestPage> Format { get; init; }

    /// <summary>Path and query as they were asked.</summary>
    public required string Address { get; init; }

    /// <summary>Goes from copy to copy.</summary>
    private AnswerKeyMemo Memo { get; init; } = new();

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);

    public AnswerDeclaration Declare(Caller caller)
    {
        var bucket = Target.Bucket ?? caller.DefaultBucket;
        var key = Memo.KeyOf(Address, Format.MediaType, bucket, caller.Devices);
        return new AnswerDeclaration(key, bucket, Target.Devices, AllTime, After is null ? Address : null);
    }
}

internal sealed class ReadLatestValidator : AbstractValidator<ReadLatest>
{
    public ReadLatestValidator()
    {
        RuleFor(query => query.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
        RuleFor(query => query.Limit).InclusiveBetween(1, ReadMeasurements.MaxLimit)
            .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage($"'limit' is a whole number from 1 to {ReadMeasurements.MaxLimit}.");
    }
}

internal sealed class ReadLatestHandler(IMeasurementStore store, IBucketStore buckets, ICallerContext context, TimeProvider time)
    : IRequestHandler<ReadLatest, Result<ServedAnswer>>
{
    public async Task<Result<ServedAnswer>> Handle(ReadLatest request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var bucket = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;
        var oldest = bucket.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow()));
        var page = await store.ReadLatestAsync(new LatestQuery(filter, oldest, request.Limit, request.After), cancellationToken);
        if (page.Error is { } failure)
            return failure;
        return ServedAnswer.Fresh(new Answer(request.Format.Render(request, page.Value), request.Format.MediaType), isLasting: false);
    }
}
