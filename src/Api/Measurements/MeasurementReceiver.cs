using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Measurements;

/// <summary>Turns a request's body into a batch by its media type. What is wrong with the body as a whole is kept in the batch.</summary>
public sealed class MeasurementReceiver(TimeProvider time, ReceiptSequence receipts, IOptions<MeasurementLimits> limits)
{
    private readonly ReceiptSequence _receipts = receipts;

    /// <summary>Reads one measurement as JSON; the caller disposes the batch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="idempotent">Is given the body when the request has an idempotency key; null when it has none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<MeasurementBatch> ReceiveOneAsync(HttpRequest request, IdempotentRequest? idempotent, CancellationToken cancellationToken)
    {
        var batch = NewBatch();
        try
        {
            batch.BodyError = JsonInput.RefuseUnlessJson(request.ContentType);
            if (batch.BodyError is not null)
                return batch;
            using var body = await RequestBody.ReadAsync(request, limits.Value.MeasurementBytes, ErrorCodes.BodyTooLarge, cancellationToken);
            batch.BodyError = body.Error;
            if (body.Error is not null)
                return batch;
            idempotent?.TakeFingerprint(body.Bytes);
            MeasurementJson.ParseOne(body.Bytes, batch);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Reads many measurements in the given format, null for one that is not taken; the caller disposes the batch.</summary>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    internal async ValueTask<MeasurementBatch> ReceiveManyAsync(
        HttpRequest request, IBatchFormat? format, TimestampUnit unit, IdempotentRequest? idempotent, CancellationToken cancellationToken)
    {
        var batch = NewBatch();
        try
        {
            if (format is null)
            {
                batch.BodyError = BatchFormats.Unsupported();
                return batch;
            }

            using var body = await RequestBody.ReadAsync(request, limits.Value.BatchBytes, ErrorCodes.BatchTooLarge, cancellationToken);
            batch.BodyError = body.Error;
            if (body.Error is not null)
                return batch;
            idempotent?.TakeFingerprint(body.Bytes);
            format.Parse(body.Bytes, batch, new BatchReading(limits.Value.BatchMeasurements, unit));
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private MeasurementBatch NewBatch() => new(Timestamp.From(time.GetUtcNow()), _receipts);
}
