using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// InfluxDB 1.x: a bucket is a database. Source: docs.influxdata.com/influxdb/v1, "InfluxDB HTTP API"; run against 1.6.7.
/// </summary>
internal sealed class Version1Dialect(InfluxDbOptions options) : IDialect
{
    private const int MaxNameBytes = 254;

    private readonly AuthenticationHeaderValue? _credentials = options.Username.Length == 0
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Username}:{options.Password}")));

    public string Name => "InfluxDB 1.x";

    public bool BindsValues => true;

    public bool TakesManyStatements => true;

    public bool DeletesPoints => true;

    // It makes a folder of it.
    public string? RefuseName(BucketName bucket) =>
        Encoding.UTF8.GetByteCount(DatabaseName.Encode(bucket)) <= MaxNameBytes ? null : $"takes more than {MaxNameBytes} bytes in UTF-8";

    public HttpRequestMessage Write(BucketName bucket) =>
        Request(HttpMethod.Post, $"write?db={Uri.EscapeDataString(DatabaseName.Encode(bucket))}&precision=ns");

    public HttpRequestMessage Query(BucketName? bucket, InfluxQl statement, bool isStreamed) =>
        Request(HttpMethod.Post, InfluxQlRequest.Path(bucket is null ? null : DatabaseName.Encode(bucket), isStreamed), InfluxQlRequest.Form(statement));

    public HttpRequestMessage Ping() => Request(HttpMethod.Get, "ping");

    public WriteAnswer ReadWriteAnswer(HttpStatusCode status, string body) => status switch
    {
        // Lines that did not come whole say nothing about the lines.
        HttpStatusCode.BadRequest when !body.Contains("unexpected EOF", StringComparison.Ordinal) => new WriteAnswer(WriteAnswerKind.Refused, ErrorIn(body)),
        // Any other 404 is not InfluxDB's, but that of a proxy before it.
        HttpStatusCode.NotFound when body.Contains("database not found", StringComparison.Ordinal) => new WriteAnswer(WriteAnswerKind.NoBucket, ErrorIn(body)),
        HttpStatusCode.RequestEntityTooLarge => new WriteAnswer(WriteAnswerKind.TooLarge, ErrorIn(body)),
        _ => new WriteAnswer(WriteAnswerKind.Unavailable, $"{(int)status}: {ErrorIn(body)}"),
    };

    public IBucketAdministration Administer(InfluxDbClient client) => new Version1Buckets(client, this);

    /// <summary>A write under another retention policy than the default one.</summary>
    public HttpRequestMessage WriteUnder(BucketName bucket, string policy, string lines) => Request(
        HttpMethod.Post,
        $"write?db={Uri.EscapeDataString(DatabaseName.Encode(bucket))}&rp={Uri.EscapeDataString(policy)}&precision=ns",
        new StringContent(lines));

    private static string ErrorIn(string body) => JsonAnswer.ErrorIn(body, "error");

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = _credentials;
        return request;
    }
}
