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

/// <summary>One page of raw measurements.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="Range">Half-open range of time.</param>
/// <param name="Order">By time, ties by key.</param>
/// <param name="Limit">1–10,000 measurements a page.</param>
/// <param name="After">The last measurement of the page before; null for the first page.</param>
public sealed record ReadMeasurements(MeasurementTarget Target, TimeRange Range, SortOrder Order, int Limit, MeasurementPosition? After)
    : IQuery<ServedAnswer>, IRateLimited, IRequiresAccess, IParsedRequest, IAnswerQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 10_000;

    public Error? ParseError { get; init; }

    public bool IsKnownValid { get; init; }

    /// <summary>How the page is written.</summary>
    public required IAnswerFormat<ReadMeasurements, MeasurementPage> Format { get; init; }

    /// <summary>Path and query as they were asked.</summary>
    public required string Address { get; init; }

    /// <summary>True when both ends of the range were asked for as points in time, which do not move on.</summary>
    public bool IsRangeFixed { get; init; }

    /// <summary>Goes from copy to copy.</summary>
    private AnswerKeyMemo Memo { get; init; } = new();

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);

    public AnswerDeclaration Declare(Caller caller)
    {
        var bucket = Target.Bucket ?? caller.DefaultBucket;
        var key = Memo.KeyOf(Address, Format.MediaType, bucket, caller.Devices);
        return new AnswerDeclaration(key, bucket, Target.Devices, Range, After is null ? Address : null);
    }
}

internal sealed class ReadMeasurementsValidator : AbstractValidator<ReadMeasurements>
{
    public ReadMeasurementsValidator()
    {
        RuleFor(query => query.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
        RuleFor(query => query.Limit).InclusiveBetween(1, ReadMeasurements.MaxLimit)
            .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage($"'limit' is a whole number from 1 to {ReadMeasurements.MaxLimit}.");
        RuleFor(query => query.Range).Must(range => range.From <= range.To)
            .OverridePropertyName("from").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'from' lies after 'to'.");
    }
}

internal sealed class ReadMeasurementsHandler(
    IMeasurementStore store, IBucketStore buckets, ICallerContext context, AnswerCaching caching, TimeProvider time)
    : IRequestHandler<ReadMeasurements, Result<ServedAnswer>>
{
    public async Task<Result<ServedAnswer>> Handle(ReadMeasurements request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var found = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (found.Error is { } unknown)
            return unknown;

        // What is too old may still be there: stores give space back in their own time.
        var now = time.GetUtcNow();
        var retention = found.Value.Retention;
        var selection = new MeasurementSelection(filter, request.Range.NotBefore(retention.OldestAt(Timestamp.From(now))));
        var page = await store.ReadAsync(new MeasurementQuery(selection, request.Order, request.Limit, request.After), cancellationToken);
        if (page.Error is { } failure)
            return failure;
        var answer = new Answer(request.Format.Render(request, page.Value), request.Format.MediaType);
        return ServedAnswer.Fresh(answer, request.IsRangeFixed && caching.IsLasting(request.Range, retention, now));
    }
}
