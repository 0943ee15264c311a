using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using IotBackend.Domain.Buckets;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Requests to InfluxDB over HTTP. Timeouts, retries and breakers are those of the registered clients.</summary>
internal sealed class InfluxDbClient(IHttpClientFactory clients, DialectSource dialects, OutageGate gate, IOptions<InfluxDbOptions> options)
{
    public const string WriteClient = "influxdb-write";
    public const string QueryClient = "influxdb-query";

    /// <summary>Marks a request that changes nothing, and so may be sent again whatever became of it.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsSafe = new("influxdb-is-safe");

    private readonly bool _isFar = !options.Value.Url!.IsLoopback;

    /// <summary>Writes lines; an outage is an answer here, because the spool expects it.</summary>
    public async Task<WriteAnswer> WriteAsync(BucketName bucket, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await TryWriteAsync(bucket, lines, cancellationToken);
            gate.Report(works: true);
            return answer;
        }
        catch (InfluxDbException exception)
        {
            gate.Report(works: false);
            return new WriteAnswer(WriteAnswerKind.Unavailable, exception.Message);
        }
    }


    /// <summary>Runs statements that read.</summary>
    /// <exception cref="InfluxDbException">They failed.</exception>
    public Task<QueryAnswer> QueryAsync(BucketName? bucket, InfluxQl statement, CancellationToken cancellationToken) =>
        QueryAsync(bucket, statement, isSafe: true, cancellationToken);

    /// <summary>Runs statements that change something; never sent twice.</summary>
    /// <exception cref="InfluxDbException">They failed, or it is not known whether they did.</exception>
    public async Task ExecuteAsync(BucketName? bucket, InfluxQl statement, CancellationToken cancellationToken)
    {
        using var answer = await QueryAsync(bucket, statement, isSafe: false, cancellationToken);
    }

    /// <summary>Runs a statement that reads, and gives its answer in parts of bounded size.</summary>
    /// <exception cref="InfluxDbException">It failed, perhaps after some parts.</exception>
    public async IAsyncEnumerable<QueryAnswer> StreamAsync(
        BucketName bucket, InfluxQl statement, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        using var request = dialect.Query(bucket, statement, isStreamed: true);
        using var response = await SendAsync(clients.CreateClient(QueryClient), request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowUnlessAnsweredAsync(response, cancellationToken);
        using var lines = new AnswerLines(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(lines, cancellationToken) is { } line)
        {
            if (line.Length == 0)
                continue;
            using var answer = QueryAnswer.Parse(line);
            yield return answer;
        }
    }

    /// <summary>Sends a request of the administration and returns the body of its answer.</summary>
    /// <exception cref="InfluxDbException">There was no answer, or one that is not a success.</exception>
    public async Task<byte[]> CallAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(IsSafe, request.Method == HttpMethod.Get);
        using var response = await SendAsync(clients.CreateClient(QueryClient), request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
            return body;
        var text = System.Text.Encoding.UTF8.GetString(body);
        throw new InfluxDbException(Classify(response.StatusCode, text), Describe(response, text)) { Status = response.StatusCode };
    }

    /// <summary>Buckets, as the version of the server has them.</summary>
    /// <exception cref="InfluxDbException">The version is not known yet.</exception>
    public async ValueTask<IBucketAdministration> AdministerAsync(CancellationToken cancellationToken) =>
        (await dialects.GetAsync(cancellationToken)).Administer(this);

    /// <summary>Asks whether the server is there.</summary>
    /// <exception cref="InfluxDbException">It is not.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        using var request = dialect.Ping();
        using var response = await SendAsync(clients.CreateClient(WriteClient), request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        gate.Report(works: response.IsSuccessStatusCode);
        if (!response.IsSuccessStatusCode)
            throw new InfluxDbException(InfluxDbFailure.Unavailable, $"/ping answered {(int)response.StatusCode}.");
    }

    /// <exception cref="InfluxDbException">There was no answer.</exception>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(request, completion, cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw new InfluxDbException(InfluxDbFailure.Unavailable, "It did not answer lately, and is not asked for a moment.", exception);
        }
        catch (Exception exception) when (exception is TimeoutRejectedException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new InfluxDbException(InfluxDbFailure.Timeout, exception.Message, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new InfluxDbException(InfluxDbFailure.Unavailable, exception.Message, exception);
        }
    }

    private async Task<WriteAnswer> TryWriteAsync(BucketName bucket, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        using var request = dialect.Write(bucket);
        request.Content = Content(lines);
        using var response = await SendAsync(clients.CreateClient(WriteClient), request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return response.StatusCode == HttpStatusCode.NoContent
            ? WriteAnswer.Stored
            : dialect.ReadWriteAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private async Task<QueryAnswer> QueryAsync(BucketName? bucket, InfluxQl statement, bool isSafe, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        using var request = dialect.Query(bucket, statement, isStreamed: false);
        request.Options.Set(IsSafe, isSafe);
        using var response = await SendAsync(clients.CreateClient(QueryClient), request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        await ThrowUnlessAnsweredAsync(response, cancellationToken);
        return QueryAnswer.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    // An answer can break off or stall at any time; a part that comes is enough to wait on.
    private async Task<byte[]?> ReadLineAsync(AnswerLines lines, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.QueryTimeoutSeconds));
        try
        {
            return await lines.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InfluxDbException(InfluxDbFailure.Timeout, "The answer stalled.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new InfluxDbException(InfluxDbFailure.Unavailable, exception.Message, exception);
        }
    }

    private static async Task ThrowUnlessAnsweredAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new InfluxDbException(Classify(response.StatusCode, body), Describe(response, body));
    }

    // InfluxDB tells in JSON, or in these words, that a bucket is not there; any other 404 is that of a proxy before it.
    private static InfluxDbFailure Classify(HttpStatusCode status, string body) => status switch
    {
        HttpStatusCode.NotFound when body.StartsWith('{') || body.StartsWith("the requested resource was not found", StringComparison.Ordinal) =>
            InfluxDbFailure.BucketNotFound,
        HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => InfluxDbFailure.Unavailable,
        _ => InfluxDbFailure.Refused,
    };

    private static string Describe(HttpResponseMessage response, string body)
    {
        const int shown = 500;
        return $"{(int)response.StatusCode}: {(body.Length > shown ? body[..shown] : body).Trim()}";
    }

    private ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> lines)
    {
        var isPacked = _isFar && lines.Length >= options.Value.GzipAboveBytes;
        var content = new ReadOnlyMemoryContent(isPacked ? Pack(lines) : lines);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain") { CharSet = "utf-8" };
        if (isPacked)
            content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static ReadOnlyMemory<byte> Pack(ReadOnlyMemory<byte> lines)
    {
        var packed = new MemoryStream(lines.Length / 4);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(lines.Span);
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
