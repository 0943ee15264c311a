using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>Begins to watch what is stored from now on, or from the last event that was seen. Whoever gets the subscription disposes it.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="After">The last event that was seen before; null: from now on.</param>
public sealed record WatchMeasurements(MeasurementTarget Target, LiveEventId? After) : IQuery<LiveSubscription>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => Target.Authorize(caller);

    /// <summary>Whether a caller who was let in under one state of his key sees the same under another; else the subscription shows what he may not see, or less.</summary>
    public static bool SeesTheSame(Caller then, Caller now) =>
        now.Scopes.Allows(Scopes.MeasurementsRead) && then.Devices.Canonical == now.Devices.Canonical && then.Buckets.SequenceEqual(now.Buckets);
}

internal sealed class WatchMeasurementsValidator : AbstractValidator<WatchMeasurements>
{
    public WatchMeasurementsValidator() =>
        RuleFor(query => query.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
}

internal sealed class WatchMeasurementsHandler(ILiveFeed live, IBucketStore buckets, ICallerContext context)
    : IRequestHandler<WatchMeasurements, Result<LiveSubscription>>
{
    public async Task<Result<LiveSubscription>> Handle(WatchMeasurements request, CancellationToken cancellationToken)
    {
        var filter = request.Target.ToFilter(context.Caller!);
        var bucket = await buckets.FindAsync(filter.Bucket, cancellationToken);
        return bucket.Error is { } unknown ? unknown : live.Subscribe(filter, request.After);
    }
}
