using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Measurements;

/// <summary>Turns a request's body into a batch by its media type. What is wrong with the body as a whole is kept in the batch.</summary>
public sealed class MeasurementReceiver(TimeProvider time, IOptions<MeasurementLimits> limits)
{
    private const string Json = "application/json";

    private readonly ReceiptSequence _receipts = new();

    /// <summary>Reads one measurement, or an array of them; the caller disposes the batch.</summary>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<MeasurementBatch> ReceiveAsync(HttpRequest request, bool isArray, CancellationToken cancellationToken)
    {
        var batch = new MeasurementBatch(Timestamp.From(time.GetUtcNow()), _receipts);
        try
        {
            await FillAsync(batch, request, isArray, cancellationToken);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private async ValueTask FillAsync(MeasurementBatch batch, HttpRequest request, bool isArray, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
        {
            batch.BodyError = UnsupportedMediaType();
            return;
        }

        using var body = isArray
            ? await RequestBody.ReadAsync(request, limits.Value.BatchBytes, ErrorCodes.BatchTooLarge, cancellationToken)
            : await RequestBody.ReadAsync(request, limits.Value.MeasurementBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        if (body.Error is not null)
            batch.BodyError = body.Error;
        else if (isArray)
            MeasurementJson.ParseArray(body.Bytes, batch, limits.Value.BatchMeasurements);
        else
            MeasurementJson.ParseOne(body.Bytes, batch);
    }

    private static bool IsJson(string? contentType)
    {
        if (contentType is Json)
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static Error UnsupportedMediaType() =>
        new(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, $"The body must be {Json} in UTF-8; say so in Content-Type.")
        {
            Details = new Dictionary<string, object> { [ErrorWriter.OfferedDetail] = Json },
        };
}
