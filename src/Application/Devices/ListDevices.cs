using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Devices;

/// <summary>The devices of a bucket that the caller may see, by name.</summary>
/// <param name="Bucket">Null for the caller's default.</param>
/// <param name="Prefix">What names begin with; null: anything.</param>
/// <param name="ActiveSince">Only devices that were last seen at this time or later; null: whenever.</param>
/// <param name="InactiveSince">Only devices that were last seen before this time; null: whenever.</param>
/// <param name="Limit">1–1,000 devices a page.</param>
/// <param name="After">The last name of the page before; null for the first page.</param>
public sealed record ListDevices(BucketName? Bucket, string? Prefix, Timestamp? ActiveSince, Timestamp? InactiveSince, int Limit, string? After)
    : IQuery<ServedAnswer>, IRateLimited, IRequiresAccess, IParsedRequest, IAnswerQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    /// <summary>How the page is written.</summary>
    public required IAnswerFormat<ListDevices, DevicePage> Format { get; init; }

    /// <summary>Path and query as they were asked.</summary>
    public required string Address { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckBucket(caller, Bucket);

    // Any write may bring a device, or be its last; to make the answer anew costs too little to keep it warm.
    public AnswerDeclaration Declare(Caller caller)
    {
        var bucket = Bucket ?? caller.DefaultBucket;
        return new AnswerDeclaration(AnswerDeclaration.KeyOf(Address, Format.MediaType, bucket, caller.Devices), bucket, [], Deletion.AllTime, null);
    }
}

internal sealed class ListDevicesValidator : AbstractValidator<ListDevices>
{
    public ListDevicesValidator()
    {
        RuleFor(query => query.Limit).InclusiveBetween(1, ListDevices.MaxLimit)
            .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage($"'limit' is a whole number from 1 to {ListDevices.MaxLimit}.");
        RuleFor(query => query.Prefix).Must(prefix => prefix is null || DevicePattern.TryParse(prefix + "*", out _) is not null)
            .OverridePropertyName("prefix").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'prefix' is not what the name of a device can begin with.");
    }
}

internal sealed class ListDevicesHandler(IDeviceDirectory devices, IBucketStore buckets, ICallerContext context) : IRequestHandler<ListDevices, Result<ServedAnswer>>
{
    public async Task<Result<ServedAnswer>> Handle(ListDevices request, CancellationToken cancellationToken)
    {
        var caller = context.Caller!;
        var bucket = await buckets.FindAsync(request.Bucket ?? caller.DefaultBucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;
        var query = new DeviceQuery(
            bucket.Value.Name, caller.Devices, request.Prefix ?? string.Empty, request.ActiveSince, request.InactiveSince, request.Limit, request.After);
        var page = await devices.ListAsync(query, cancellationToken);
        if (page.Error is { } failure)
            return failure;
        return ServedAnswer.Fresh(new Answer(request.Format.Render(request, page.Value), request.Format.MediaType), isLasting: false);
    }
}
