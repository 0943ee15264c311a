using System.Text;
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

/// <summary>One device, with the series that hold something of it now.</summary>
/// <param name="Bucket">Null for the caller's default.</param>
/// <param name="Device">Its name.</param>
public sealed record ReadDevice(BucketName? Bucket, string Device)
    : IQuery<ServedAnswer>, IRateLimited, IRequiresAccess, IParsedRequest, IAnswerQuery
{
    /// <summary>The most series that are told; what has more has run away.</summary>
    public const int MaxSeries = 1_000;

    public Error? ParseError { get; init; }

    /// <summary>How the device is written.</summary>
    public required IAnswerFormat<ReadDevice, DeviceDetails> Format { get; init; }

    /// <summary>Path and query as they were asked.</summary>
    public required string Address { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsRead;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckBucket(caller, Bucket)
        ?? (caller.Devices.Contains(Device) ? null : AccessErrors.DeviceNotAllowed(Device));

    public AnswerDeclaration Declare(Caller caller)
    {
        var bucket = Bucket ?? caller.DefaultBucket;
        return new AnswerDeclaration(AnswerDeclaration.KeyOf(Address, Format.MediaType, bucket, caller.Devices), bucket, [Device], Deletion.AllTime, null);
    }
}

/// <param name="Summary">When it was seen, and how much it has sent.</param>
/// <param name="Series">Names, tags and fields that hold a value now, each with the newest.</param>
/// <param name="HasMoreSeries">True when there are more than <see cref="ReadDevice.MaxSeries"/>.</param>
public sealed record DeviceDetails(DeviceSummary Summary, IReadOnlyList<LatestValues> Series, bool HasMoreSeries);

internal sealed class ReadDeviceValidator : AbstractValidator<ReadDevice>
{
    public ReadDeviceValidator() => RuleFor(query => query.Device).Must(device => Identifier.Check(Encoding.UTF8.GetBytes(device)) is null)
        .OverridePropertyName("device").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage("'device' is not the name of a device.");
}

internal sealed class ReadDeviceHandler(
    IDeviceDirectory devices, IMeasurementStore store, IBucketStore buckets, ICallerContext context, TimeProvider time)
    : IRequestHandler<ReadDevice, Result<ServedAnswer>>
{
    private static readonly Error NotFound = new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no device of this name.");

    public async Task<Result<ServedAnswer>> Handle(ReadDevice request, CancellationToken cancellationToken)
    {
        var caller = context.Caller!;
        var bucket = await buckets.FindAsync(request.Bucket ?? caller.DefaultBucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;
        var summary = await devices.FindAsync(bucket.Value.Name, request.Device, cancellationToken);
        if (summary.Error is { } failure)
            return failure;
        if (summary.Value is not { } found)
            return NotFound;
        var filter = new MeasurementFilter(bucket.Value.Name, [request.Device], [], [], [], caller.Devices);
        var oldest = bucket.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow()));
        var series = await store.ReadLatestAsync(new LatestQuery(filter, oldest, ReadDevice.MaxSeries, null), cancellationToken);
        if (series.Error is { } unreadable)
            return unreadable;
        var details = new DeviceDetails(found, series.Value.Items, series.Value.HasMore);
        return ServedAnswer.Fresh(new Answer(request.Format.Render(request, details), request.Format.MediaType), isLasting: false);
    }
}
