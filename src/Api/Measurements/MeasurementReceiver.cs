using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Measurements;

/// <summary>Turns a request's body into a batch by its media type. What is wrong with the body as a whole is kept in the batch.</summary>
public sealed class MeasurementReceiver(TimeProvider time, ReceiptSequence receipts, IOptions<MeasurementLimits> limits)
{
    private readonly ReceiptSequence _receipts = receipts;

    /// <summary>Reads one measurement, or an array of them; the caller disposes the batch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isArray">Whether it is an array.</param>
    /// <param name="idempotent">Is given the body when the request has an idempotency key; null when it has none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<MeasurementBatch> ReceiveAsync(HttpRequest request, bool isArray, IdempotentRequest? idempotent, CancellationToken cancellationToken)
    {
        var batch = new MeasurementBatch(Timestamp.From(time.GetUtcNow()), _receipts);
        try
        {
            await FillAsync(batch, request, isArray, idempotent, cancellationToken);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private async ValueTask FillAsync(
        MeasurementBatch batch, HttpRequest request, bool isArray, IdempotentRequest? idempotent, CancellationToken cancellationToken)
    {
        batch.BodyError = JsonInput.RefuseUnlessJson(request.ContentType);
        if (batch.BodyError is not null)
            return;

        using var body = isArray
            ? await RequestBody.ReadAsync(request, limits.Value.BatchBytes, ErrorCodes.BatchTooLarge, cancellationToken)
            : await RequestBody.ReadAsync(request, limits.Value.MeasurementBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        if (body.Error is not null)
        {
            batch.BodyError = body.Error;
            return;
        }

        idempotent?.TakeFingerprint(body.Bytes);
        if (isArray)
            MeasurementJson.ParseArray(body.Bytes, batch, limits.Value.BatchMeasurements);
        else
            MeasurementJson.ParseOne(body.Bytes, batch);
    }
}
