using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Measurements;

/// <summary>Turns a request's body into a batch by its media type. What is wrong with the body as a whole is kept in the batch.</summary>
internal static class MeasurementReceiver
{
    private const string Json = "application/json";

    public static async ValueTask FillAsync(
        MeasurementBatch batch, HttpRequest request, bool isArray, MeasurementLimits limits, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
        {
            batch.BodyError = UnsupportedMediaType();
            return;
        }

        using var body = isArray
            ? await RequestBody.ReadAsync(request, limits.BatchBytes, ErrorCodes.BatchTooLarge, cancellationToken)
            : await RequestBody.ReadAsync(request, limits.MeasurementBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        if (body.Error is not null)
            batch.BodyError = body.Error;
        else if (isArray)
            MeasurementJson.ParseArray(body.Bytes, batch, limits.BatchMeasurements);
        else
            MeasurementJson.ParseOne(body.Bytes, batch);
    }

    private static bool IsJson(string? contentType)
    {
        if (contentType is Json)
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));
    }

    private static Error UnsupportedMediaType() =>
        new(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, $"The body must be {Json} in UTF-8; say so in Content-Type.")
        {
            Details = new Dictionary<string, object> { [Http.ErrorWriter.OfferedDetail] = Json },
        };
}
