using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// InfluxDB 3 Core and Enterprise, from 3.2 on: a bucket is a database. Written by <c>/api/v3/write_lp</c>, since the paths of 1.x and 2.x
/// refuse a whole request for one bad line there. Source: docs.influxdata.com/influxdb3/core/api; tested against recorded exchanges and a
/// strict server of the tests, never run against 3.x itself.
/// </summary>
internal sealed partial class Version3Dialect(InfluxDbOptions options) : IDialect
{
    public string Name => "InfluxDB 3.x";

    public bool BindsValues => false;

    public bool TakesManyStatements => false;

    public bool DeletesPoints => false;

    public string? RefuseName(BucketName bucket) => PlainName().IsMatch(bucket.Value)
        ? null
        : "must begin with one of A-Z, a-z and 0-9, and hold no others than these, '-' and '_'";

    // The short words for the precision are understood only from 3.6 on.
    public HttpRequestMessage Write(BucketName bucket) =>
        Request(HttpMethod.Post, $"api/v3/write_lp?db={Uri.EscapeDataString(bucket.Value)}&precision=nanosecond&accept_partial=true");

    public HttpRequestMessage Query(BucketName? bucket, InfluxQl statement, bool isStreamed) =>
        Request(HttpMethod.Post, InfluxQlRequest.Path(bucket?.Value, isStreamed), InfluxQlRequest.Form(statement));

    // Needs the token too, unless the server was started otherwise.
    public HttpRequestMessage Ping() => Request(HttpMethod.Get, "ping");

    // 422 when a table or the server is full: the latter tells that the bucket is gone, since a write makes a database that is missing.
    public WriteAnswer ReadWriteAnswer(HttpStatusCode status, string body) => status switch
    {
        HttpStatusCode.UnprocessableEntity when body.Contains("a new database", StringComparison.Ordinal) => new WriteAnswer(WriteAnswerKind.NoBucket, body),
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ReadRefusal(body),
        HttpStatusCode.NotFound when body.Contains("database", StringComparison.Ordinal) => new WriteAnswer(WriteAnswerKind.NoBucket, body),
        HttpStatusCode.RequestEntityTooLarge => new WriteAnswer(WriteAnswerKind.TooLarge, body),
        HttpStatusCode.InternalServerError when body.StartsWith("max request size", StringComparison.Ordinal) => new WriteAnswer(WriteAnswerKind.TooLarge, body),
        _ => new WriteAnswer(WriteAnswerKind.Unavailable, $"{(int)status}: {body}"),
    };

    public IBucketAdministration Administer(InfluxDbClient client) => new Version3Buckets(client, this);

    /// <summary>A request with the token.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {options.Token}");
        return request;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    private static partial Regex PlainName();

    private static WriteAnswer ReadRefusal(string body)
    {
        try
        {
            if (JsonSerializer.Deserialize<Refusal>(body, JsonSerializerOptions.Web) is { } refusal)
            {
                var lines = (refusal.Data ?? []).Where(line => line.LineNumber > 0).Select(line => new RefusedLine(line.LineNumber - 1, line.ErrorMessage)).ToArray();
                return new WriteAnswer(WriteAnswerKind.Refused, lines.FirstOrDefault().Reason ?? refusal.Error) { RefusedLines = lines };
            }
        }
        catch (JsonException)
        {
            // Some refusals are plain text.
        }

        return new WriteAnswer(WriteAnswerKind.Refused, body);
    }

    private sealed record Refusal(string Error, RefusedLineText[]? Data);

    private sealed record RefusedLineText(
        [property: System.Text.Json.Serialization.JsonPropertyName("line_number")] int LineNumber,
        [property: System.Text.Json.Serialization.JsonPropertyName("error_message")] string ErrorMessage);
}
