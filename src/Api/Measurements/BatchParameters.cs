using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Measurements;

/// <summary>What a request to store a batch says beside its body.</summary>
/// <param name="Format">The body's format; null for one that is not taken.</param>
/// <param name="Bucket">Null for the caller's default.</param>
/// <param name="Unit">What a bare number for a time counts.</param>
/// <param name="Error">What is wrong with the parameters; null for nothing.</param>
internal sealed record BatchParameters(IBatchFormat? Format, BucketName? Bucket, TimestampUnit Unit, Error? Error)
{
    public static BatchParameters Of(HttpRequest request)
    {
        // Who sends many has to say what: bytes that happen to be JSON would be misread as easily as others.
        var format = string.IsNullOrEmpty(request.ContentType) ? null : BatchFormats.Find(request.ContentType);
        if (request.Query.Count == 0)
            return new BatchParameters(format, null, default, null);
        var parameters = new QueryParameters(request.Query);
        ReadOnlySpan<string> known = format == BatchFormats.LineProtocol ? ["bucket", "precision"] : ["bucket"];
        parameters.RefuseUnknown(known);
        var bucket = MeasurementParameters.Bucket(parameters);
        var unit = format == BatchFormats.LineProtocol ? ReadUnit(parameters) : default;
        return new BatchParameters(format, bucket, unit, parameters.ToError());
    }

    private static TimestampUnit ReadUnit(QueryParameters parameters)
    {
        var unit = TimestampUnits.Find(parameters.Single("precision"));
        if (unit is null)
            parameters.AddFault("precision", $"'precision' is {TimestampUnits.Names}.");
        return unit ?? default;
    }
}
