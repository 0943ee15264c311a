using System.Net;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// InfluxDB 2.x: buckets of one organisation, written by its own API and read by its compatibility with 1.x. Source:
/// docs.influxdata.com/influxdb/v2/api; tested against recorded exchanges and a strict server of the tests, never run against 2.x itself.
/// </summary>
internal sealed class Version2Dialect(InfluxDbOptions options) : IDialect
{
    public string Name => "InfluxDB 2.x";

    public bool BindsValues => true;

    public bool TakesManyStatements => true;

    public bool DeletesPoints => true;

    /// <summary>The parameter that names the organisation.</summary>
    public string Organization { get; } = $"org={Uri.EscapeDataString(options.Organization)}";

    public string? RefuseName(BucketName bucket) => null;

    public HttpRequestMessage Write(BucketName bucket) =>
        Request(HttpMethod.Post, $"api/v2/write?{Organization}&bucket={Uri.EscapeDataString(bucket.Value)}&precision=ns");

    public HttpRequestMessage Query(BucketName? bucket, InfluxQl statement, bool isStreamed) =>
        Request(HttpMethod.Post, InfluxQlRequest.Path(bucket?.Value, isStreamed), InfluxQlRequest.Form(statement));

    public HttpRequestMessage Ping() => Request(HttpMethod.Get, "ping");

    // 400 when a line is none, with nothing stored; 422 when points were refused, with the others stored.
    public WriteAnswer ReadWriteAnswer(HttpStatusCode status, string body)
    {
        var reason = JsonAnswer.ErrorIn(body, "message");
        return status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new WriteAnswer(WriteAnswerKind.Refused, reason),
            HttpStatusCode.NotFound when IsOfBucket(reason) => new WriteAnswer(WriteAnswerKind.NoBucket, reason),
            HttpStatusCode.RequestEntityTooLarge => new WriteAnswer(WriteAnswerKind.TooLarge, reason),
            _ => new WriteAnswer(WriteAnswerKind.Unavailable, $"{(int)status}: {reason}"),
        };
    }

    public IBucketAdministration Administer(InfluxDbClient client) => new Version2Buckets(client, this);

    /// <summary>A request with the token.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {options.Token}");
        return request;
    }

    // An organisation that is not found is a fault of the configuration, and no reason to tell a client that its bucket does not exist.
    private static bool IsOfBucket(string reason) => reason.StartsWith("bucket", StringComparison.Ordinal);
}
