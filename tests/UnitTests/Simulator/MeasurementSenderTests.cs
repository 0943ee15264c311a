using System.Net;
using System.Text;
using System.Text.Json;
using IotBackend.Simulator.Sending;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class MeasurementSenderTests : IDisposable
{
    private const string Refusal = """{"error":"storage_unavailable","message":"The disk is full."}""";

    private readonly ScriptedServer _server = new();
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Stored_batch_is_counted_and_sent_once()
    {
        _server.Answer(201, """{"status":"stored","accepted":3,"rejected":0}""");

        var report = await SendAsync(3);

        Assert.Equal((3L, 0L, 1L, 0L), (report.Accepted, report.Rejected, report.Requests, report.Retries));
    }

    [Fact]
    public async Task Queued_single_measurement_counts_as_accepted()
    {
        _server.Answer(202, """{"status":"queued","device":"d"}""");

        Assert.Equal(1, (await SendAsync(1, single: true)).Accepted);
        Assert.Equal("/measurement?bucket=my%20own", _server.Requests[0].Path);
        Assert.StartsWith("{", _server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partial_answer_is_counted_with_its_codes()
    {
        _server.Answer(207, """{"status":"partial","accepted":2,"rejected":1,"errors":[{"index":1,"code":"field_type_conflict","message":"No."}]}""");

        var report = await SendAsync(3);

        Assert.Equal((2L, 1L), (report.Accepted, report.Rejected));
        Assert.Equal(1, report.RejectedByCode["field_type_conflict"]);
        Assert.Equal(["field_type_conflict: No."], report.FirstMessages);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(415)]
    public async Task Refusal_for_good_is_not_sent_again(int status)
    {
        _server.Answer(status, """{"error":"some_code","message":"No.","details":{}}""");

        var report = await SendAsync(3);

        Assert.Equal((0L, 3L, 1L), (report.Accepted, report.Rejected, report.Requests));
        Assert.Equal(["some_code"], report.RejectedByCode.Keys);
    }

    [Fact]
    public async Task Passing_failures_are_retried_with_the_very_same_bytes()
    {
        _server.Fail();
        _server.Answer(503, Refusal);
        _server.Answer(429, Refusal);
        _server.Answer(201, """{"accepted":3,"rejected":0}""");

        var report = await SendAsync(3);

        Assert.Equal((3L, 0L, 4L, 3L), (report.Accepted, report.Rejected, report.Requests, report.Retries));
        Assert.Single(_server.Requests.Select(r => r.Body).Distinct());
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        _server.Answer(503, Refusal, retryAfterSeconds: 20);
        _server.Answer(201, """{"accepted":1,"rejected":0}""");
        var began = _clock.GetUtcNow();

        await SendAsync(1);

        Assert.InRange((_clock.GetUtcNow() - began).TotalSeconds, 20, 22);
    }

    [Fact]
    public async Task Server_that_stays_down_is_given_up_in_time()
    {
        _server.AnswerAlways(503, Refusal);
        var began = _clock.GetUtcNow();

        var report = await SendAsync(2);

        Assert.Equal((0L, 2L), (report.Accepted, report.Rejected));
        Assert.Equal([ItemError.GaveUp], report.RejectedByCode.Keys);
        Assert.InRange((_clock.GetUtcNow() - began).TotalSeconds, 30, 62);
    }

    [Fact]
    public async Task Batch_that_is_too_large_is_halved_until_it_fits()
    {
        _server.Respond(body =>
        {
            using var json = JsonDocument.Parse(body);
            var count = json.RootElement.GetArrayLength();
            return count > 2 ? (413, """{"error":"batch_too_large","message":"Too many."}""") : (201, $$"""{"accepted":{{count}},"rejected":0}""");
        });

        var report = await SendAsync(7);

        Assert.Equal((7L, 0L, 0L), (report.Accepted, report.Rejected, report.Retries));
        Assert.Equal(7, _server.Requests.Where(r => r.Status == 201).SelectMany(r => Timestamps(r.Body)).Distinct().Count());
    }

    [Fact]
    public async Task Measurement_that_is_too_large_by_itself_is_rejected()
    {
        _server.AnswerAlways(413, """{"error":"body_too_large","message":"Too large."}""");

        Assert.Equal(1, (await SendAsync(1)).Rejected);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"accepted":1,"rejected":0}""")]
    [InlineData("""{"accepted":"3","rejected":0}""")]
    public async Task Answer_that_the_contract_does_not_know_accepts_nothing(string body)
    {
        _server.Answer(207, body);

        var report = await SendAsync(3);

        Assert.Equal((0L, 3L), (report.Accepted, report.Rejected));
        Assert.Equal([ItemError.UnexpectedAnswer], report.RejectedByCode.Keys);
    }

    public void Dispose() => _server.Dispose();

    private async Task<SendReport> SendAsync(int samples, bool single = false)
    {
        using var http = new HttpClient(_server, disposeHandler: false);
        var options = new RetryOptions { GiveUpAfter = TimeSpan.FromMinutes(1) };
        var target = new SendTarget(new Uri("http://server/"), "iot_key", "my own", single);
        var sender = new MeasurementSender(http, target, new RetryPolicy(options, _clock, new Random(1)), _clock);
        var sending = sender.SendAsync(Samples(samples), TestContext.Current.CancellationToken);
        while (!sending.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await sending;
        Assert.All(_server.Requests, request => Assert.Equal("iot_key", request.Key));
        return sender.Report;
    }

    private static Sample[] Samples(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
            new Sample("d", null, DateTimeOffset.UnixEpoch.AddSeconds(i), [new SampleField("v", "1.0")])),
    ];

    private static IEnumerable<string> Timestamps(string body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.EnumerateArray().Select(e => e.GetProperty("timestamp").GetString()!)];
    }

    private sealed record Seen(string Path, string Body, string Key, int Status);

    private sealed class ScriptedServer : HttpMessageHandler
    {
        private readonly Queue<Func<string, (int Status, string Body, int? RetryAfter)>> _script = new();
        private Func<string, (int Status, string Body, int? RetryAfter)>? _always;

        public List<Seen> Requests { get; } = [];

        public void Answer(int status, string body, int? retryAfterSeconds = null) => _script.Enqueue(_ => (status, body, retryAfterSeconds));

        public void AnswerAlways(int status, string body) => _always = _ => (status, body, null);

        public void Respond(Func<string, (int, string)> answer) => _always = body => (answer(body).Item1, answer(body).Item2, null);

        public void Fail() => _script.Enqueue(_ => throw new HttpRequestException("connection refused"));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            var key = request.Headers.GetValues("X-API-Key").Single();
            Requests.Add(new Seen(request.RequestUri!.PathAndQuery, body, key, 0));
            var (status, answer, retryAfter) = (_script.TryDequeue(out var step) ? step : _always!)(body);
            Requests[^1] = Requests[^1] with { Status = status };
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
            if (retryAfter is { } seconds)
                response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
            return response;
        }
    }
}
