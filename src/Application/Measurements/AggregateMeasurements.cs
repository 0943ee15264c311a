using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>What is made of the values in windows of time.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="Range">Half-open range of time.</param>
/// <param name="Window">How long a window is; null: the range is one.</param>
/// <param name="Functions">What is made of each window; at least one, none twice.</param>
/// <param name="Fill">What stands in windows without values.</param>
public sealed record AggregateMeasurements(
    MeasurementTarget Target, TimeRange Range, WindowLength? Window, IReadOnlyList<AggregateFunction> Functions, WindowFill Fill)
    : IQuery<ServedAnswer>, IRateLimited, IRequiresAccess, IParsedRequest, IAnswerQuery
{
    /// <summary>Windows of an answer at most, over all series.</summary>
    public const int MaxPoints = 50_000;

    public Error? ParseError { get; init; }

    /// <summary>How the answer is written.</summary>
    public required IAnswerFormat<AggregateMeasurements, IReadOnlyList<AggregatedSeries>> Format { get; init; }

    /// <summary>Path and query as they were asked.</summary>
    public required string Address { get; init; }

    /// <summary>True when both ends of the range were asked for as points in time, which do not move on.</summary>
    public bool IsRangeFixed { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);

    public AnswerDeclaration Declare(Caller caller)
    {
        var bucket = Target.Bucket ?? caller.DefaultBucket;
        var key = AnswerDeclaration.KeyOf(Address, Format.MediaType, bucket, caller.Devices);
        return new AnswerDeclaration(key, bucket, Target.Devices, Range, Address);
    }
}

internal sealed class AggregateMeasurementsValidator : AbstractValidator<AggregateMeasurements>
{
    public AggregateMeasurementsValidator()
    {
        RuleFor(query => query.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
        RuleFor(query => query.Range).Must(range => range.From <= range.To)
            .OverridePropertyName("from").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'from' lies after 'to'.");
        RuleFor(query => query.Fill).Must((query, fill) => fill == WindowFill.None || query.Window is not null)
            .OverridePropertyName("fill").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'fill' needs 'window': without one, the range is one window.");
    }
}

internal sealed class AggregateMeasurementsHandler(
    IMeasurementStore store, IBucketStore buckets, ICallerContext context, AnswerCaching caching, TimeProvider time)
    : IRequestHandler<AggregateMeasurements, Result<ServedAnswer>>
{
    public async Task<Result<ServedAnswer>> Handle(AggregateMeasurements request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var found = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (found.Error is { } unknown)
            return unknown;
        var now = time.GetUtcNow();
        var retention = found.Value.Retention;
        var selection = new MeasurementSelection(filter, request.Range.NotBefore(retention.OldestAt(Timestamp.From(now))));
        var windows = new WindowGrid(request.Range, request.Window?.Nanoseconds ?? 0);
        var query = new AggregateQuery(selection, windows, request.Functions, AggregateMeasurements.MaxPoints);
        var read = await store.AggregateAsync(query, cancellationToken);
        if (read.Error is { } failure)
            return failure;
        var filled = Fill(query, read.Value, request.Fill);
        if (filled.Error is { } tooLarge)
            return tooLarge;
        var answer = new Answer(request.Format.Render(request, filled.Value), request.Format.MediaType);
        return ServedAnswer.Fresh(answer, request.IsRangeFixed && caching.IsLasting(request.Range, retention, now));
    }

    private static Result<IReadOnlyList<AggregatedSeries>> Fill(AggregateQuery query, IReadOnlyList<AggregatedSeries> series, WindowFill fill)
    {
        if (fill == WindowFill.None)
            return Result<IReadOnlyList<AggregatedSeries>>.Success(series);
        if ((Int128)query.Windows.Count * series.Count > query.MaxPoints)
            return AggregateErrors.TooLarge(query, series.Count);
        return Result<IReadOnlyList<AggregatedSeries>>.Success(
            [.. series.Select(one => one with { Points = WindowFilling.Fill(one.Points, query.Windows, query.Functions, fill) })]);
    }
}
