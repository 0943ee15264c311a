using System.Text;
using IotBackend.Application.Access;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Monitoring;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>
/// Stores the good measurements of a batch, whatever protocol and format it came in; the bad ones are told by item in the batch's faults.
/// The batch stays the sender's: who rented it disposes it after the answer.
/// </summary>
/// <param name="Bucket">Null for the caller's default.</param>
/// <param name="Batch">The measurements, and what was found wrong with them while parsing.</param>
public sealed record StoreMeasurements(BucketName? Bucket, MeasurementBatch Batch)
    : ICommand<StoredMeasurements>, IRateLimited, IRequiresAccess, IParsedRequest
{
    /// <summary>What is wrong with the request beside its body, such as a parameter.</summary>
    public Error? ParameterError { get; init; }

    public RequestCost Cost => new(1, Batch.ItemCount);

    public Scopes RequiredScope => Scopes.MeasurementsWrite;

    public Error? ParseError => ParameterError ?? Batch.BodyError ?? NothingGood();

    public Error? AuthorizeObjects(Caller caller)
    {
        if (AccessErrors.CheckBucket(caller, Bucket) is { } error)
            return error;
        if (!caller.Devices.IsAll)
            RejectForeignDevices(caller.Devices);
        var isRefusedAltogether = Batch is { AcceptedCount: 0, Rows.Length: > 0, BodyError: null } && Batch.Faults.All(f => f.Code == ErrorCodes.DeviceNotAllowed);
        return isRefusedAltogether ? AccessErrors.DeviceNotAllowed(Batch.ReadKey(Batch.Rows[0]).Device) with { Faults = Batch.Faults } : null;
    }

    internal Error? NothingGood() => Batch.AcceptedCount > 0 ? null
        : Batch.ItemCount == 0 ? Error.Invalid([new Fault("", ErrorCodes.EmptyBatch, "The body holds no measurement.")])
        : Error.Invalid(Batch.Faults);

    private void RejectForeignDevices(DeviceSet devices)
    {
        for (var i = 0; i < Batch.Rows.Length; i++)
        {
            var device = Batch.Device(Batch.Rows[i]);
            if (!devices.Contains(device))
                Batch.Reject(i, "device", ErrorCodes.DeviceNotAllowed, AccessErrors.DeviceNotAllowed(Encoding.UTF8.GetString(device)).Message);
        }
    }
}

/// <param name="Outcome">Stored, or queued until the database is back.</param>
/// <param name="Accepted">Measurements that are durable now.</param>
/// <param name="Rejected">Measurements that were refused; the batch's faults say why.</param>
public sealed record StoredMeasurements(WriteOutcome Outcome, int Accepted, int Rejected);

internal sealed class StoreMeasurementsHandler(
    IMeasurementStore store,
    IBucketStore buckets,
    TimestampLimits limits,
    UsageMeter usage,
    ILiveFeed live,
    ICallerContext context,
    KeySeriesLimits series,
    ISeriesLimitObserver? observer = null)
    : IRequestHandler<StoreMeasurements, Result<StoredMeasurements>>
{
    public async Task<Result<StoredMeasurements>> Handle(StoreMeasurements request, CancellationToken cancellationToken)
    {
        var batch = request.Batch;
        var bucket = await buckets.FindAsync(request.Bucket ?? context.Caller!.DefaultBucket, cancellationToken);
        if (bucket.Error is { } unknown)
            return unknown;
        limits.RejectOutside(batch, bucket.Value);
        var allowance = series.Of(context.Caller!);
        batch.Allowance = allowance;
        var written = batch.AcceptedCount > 0 ? await store.WriteAsync(bucket.Value.Name, batch, cancellationToken) : WriteOutcome.Stored;
        if (written.Error is { } failure)
            return failure;
        if (batch.AcceptedCount > 0)
            live.Publish(bucket.Value.Name, batch);
        usage.Add(context.Caller!.KeyId, new UsageCounts(0, batch.AcceptedCount, 0, 0));
        Count(batch);
        var use = allowance?.Use();
        if (use is { IsNear: true })
            observer?.Observe(use);

        // What is refused for want of an allowance may come again later: nobody must take it for faulty and drop it.
        if (use is not null && batch.AcceptedCount == 0 && batch.Faults.Any(fault => fault.Code == ErrorCodes.SeriesLimitExceeded))
            return use.ToError(batch.Faults);
        return request.NothingGood() is { } error ? error : new StoredMeasurements(written.Value, batch.AcceptedCount, batch.RejectedCount);
    }

    private static void Count(MeasurementBatch batch)
    {
        Telemetry.MeasurementsAccepted.Add(batch.AcceptedCount);
        if (batch.RejectedCount > 0)
            Telemetry.MeasurementsRejected.Add(batch.RejectedCount);
    }
}
