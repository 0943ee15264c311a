using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
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
    : IQuery<LatestPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);
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
    : IRequestHandler<ReadLatest, Result<LatestPage>>
{
    public async Task<Result<LatestPage>> Handle(ReadLatest request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var bucket = await buckets.FindAsync(filter.Bucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;
        var oldest = bucket.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow()));
        return await store.ReadLatestAsync(new LatestQuery(filter, oldest, request.Limit, request.After), cancellationToken);
    }
}
