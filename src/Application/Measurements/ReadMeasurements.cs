using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
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
    : IQuery<MeasurementPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 10_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);
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

internal sealed class ReadMeasurementsHandler(IMeasurementStore store, IBucketStore buckets, ICallerContext context, TimeProvider time)
    : IRequestHandler<ReadMeasurements, Result<MeasurementPage>>
{
    public async Task<Result<MeasurementPage>> Handle(ReadMeasurements request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var bucket = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;

        // What is too old may still be there: stores give space back in their own time.
        var range = request.Range.NotBefore(bucket.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow())));
        var selection = new MeasurementSelection(filter, range);
        return await store.ReadAsync(new MeasurementQuery(selection, request.Order, request.Limit, request.After), cancellationToken);
    }
}
