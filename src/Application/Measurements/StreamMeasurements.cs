using System.Runtime.CompilerServices;
using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>All raw measurements of a range, however many.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="Range">Half-open range of time.</param>
/// <param name="Order">By time, ties by key.</param>
/// <param name="Limit">The most measurements; null for all.</param>
/// <param name="After">The last measurement that the caller has; null to begin with the first.</param>
/// <param name="NeedsColumns">Whether tags and fields have to be known beforehand.</param>
public sealed record StreamMeasurements(
    MeasurementTarget Target, TimeRange Range, SortOrder Order, long? Limit, MeasurementPosition? After, bool NeedsColumns)
    : IQuery<MeasurementStream>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);
}

internal sealed class StreamMeasurementsValidator : AbstractValidator<StreamMeasurements>
{
    public StreamMeasurementsValidator()
    {
        RuleFor(query => query.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
        RuleFor(query => query.Range).Must(range => range.From <= range.To)
            .OverridePropertyName("from").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'from' lies after 'to'.");
    }
}

internal sealed class StreamMeasurementsHandler(IMeasurementStore store, IBucketStore buckets, ICallerContext context, TimeProvider time)
    : IRequestHandler<StreamMeasurements, Result<MeasurementStream>>
{
    public async Task<Result<MeasurementStream>> Handle(StreamMeasurements request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var found = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (found.Error is { } unknown)
            return unknown;
        var selection = new MeasurementSelection(filter, request.Range.NotBefore(found.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow()))));
        var stream = await store.StreamAsync(new StreamQuery(selection, request.Order, request.Limit, request.After, request.NeedsColumns), cancellationToken);
        if (stream.Error is not null || request.Limit is not { } limit)
            return stream;
        return stream.Value with { Parts = TakeAsync(stream.Value.Parts, limit, cancellationToken) };
    }

    private static async IAsyncEnumerable<IReadOnlyList<Measurement>> TakeAsync(
        IAsyncEnumerable<IReadOnlyList<Measurement>> parts, long limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var part in parts.WithCancellation(cancellationToken))
        {
            yield return part.Count <= limit ? part : [.. part.Take((int)limit)];
            limit -= part.Count;
            if (limit <= 0)
                yield break;
        }
    }
}
