using System.Net;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary><c>Idempotency-Key</c> from outside of the process.</summary>
public sealed class IdempotencyTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    public static TheoryData<string, string> Bodies => new()
    {
        { Posting.One, """{"device":"$","fields":{"x":1}}""" },
        { Posting.Many, """[{"device":"$","fields":{"x":1}},{"device":"$","fields":{"x":2}},{"device":"$","fields":{"x":3}}]""" },
        { Posting.Many, """[{"device":"$","fields":{"x":1}},{"device":"$","fields":{"x":"text"}},{"device":"$","fields":{}}]""" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Retry_gets_the_first_answer_and_doubles_nothing(string path, string template)
    {
        var (device, body, key) = New(template);
        using var first = await _client.PostAsync(path, body, key);
        using var retry = await _client.PostAsync(path, body, $"\"{key}\"");

        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(first.StatusCode, retry.StatusCode);
        Assert.Equal(first.Content.Headers.ContentType, retry.Content.Headers.ContentType);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await retry.Content.ReadAsStringAsync(Cancel));
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(["true"], retry.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(Accepted(template), await CountAsync(device));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Without_the_key_the_same_request_is_another_measurement(string path, string template)
    {
        var (device, body, _) = New(template);
        using var first = await _client.PostJsonAsync(path, body);
        using var second = await _client.PostJsonAsync(path, body);
        Assert.Equal(2 * Accepted(template), await CountAsync(device));
    }

    [Fact]
    public async Task Key_with_another_body_is_refused()
    {
        var (device, body, key) = New("""{"device":"$","fields":{"x":1}}""");
        using var first = await _client.PostAsync(Posting.One, body, key);
        using var other = await _client.PostAsync(Posting.One, body.Replace('1', '2'), key);

        await other.ShouldFailAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, await CountAsync(device));
    }

    [Fact]
    public async Task Key_is_one_of_its_endpoint_and_query_and_caller()
    {
        var (device, body, key) = New("""{"device":"$","fields":{"x":1}}""");
        using var other = await fixture.Server.NewKeyClientAsync();
        using var one = await _client.PostAsync(Posting.One, body, key);
        using var many = await _client.PostAsync(Posting.Many, $"[{body}]", key);
        using var query = await _client.PostAsync(Posting.One + "?bucket=default", body, key);
        using var caller = await other.PostAsync(Posting.One, body, key);

        Assert.All([one, many, query, caller], response =>
        {
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Assert.False(response.Headers.Contains("Idempotency-Replayed"));
        });
        Assert.Equal(4, await CountAsync(device));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("\"open")]
    [InlineData("a,b")]
    public async Task Header_that_is_no_key_is_refused_and_nothing_stored(string key)
    {
        var (device, body, _) = New("""{"device":"$","fields":{"x":1}}""");
        using var response = await _client.PostAsync(Posting.One, body, key);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell("Idempotency-Key", "invalid_parameter");
        Assert.Equal(0, await CountAsync(device));
    }

    [Fact]
    public async Task Faulty_header_and_faulty_parameters_are_told_together()
    {
        var (_, body, _) = New("""{"device":"$","fields":{"x":1}}""");
        using var response = await _client.PostAsync(Posting.Many + "?bukket=b", $"[{body}]", "two words");
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        error.ShouldTell("Idempotency-Key", "invalid_parameter");
        error.ShouldTell("bukket", "invalid_parameter");
    }

    [Theory]
    [InlineData("""{"device":"$","fields":{}}""", "", HttpStatusCode.BadRequest)]
    [InlineData("""{"device":"$","timestamp":"2200-01-01T00:00:00Z","fields":{"x":1}}""", "", HttpStatusCode.BadRequest)]
    [InlineData("""{"device":"$","fields":{"x":1}}""", "?bucket=nowhere", HttpStatusCode.NotFound)]
    public async Task Request_that_was_refused_leaves_its_key_free(string template, string query, HttpStatusCode status)
    {
        var (device, body, key) = New(template);
        using var refused = await _client.PostAsync(Posting.One + query, body, key);
        using var again = await _client.PostAsync(Posting.One + query, body, key);
        Assert.Equal((status, status), (refused.StatusCode, again.StatusCode));
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
        if (query.Length > 0)
            return;
        using var corrected = await _client.PostAsync(Posting.One, $$$"""{"device":"{{{device}}}","fields":{"x":1}}""", key);
        Assert.Equal(HttpStatusCode.Created, corrected.StatusCode);
        Assert.Equal(1, await CountAsync(device));
    }

    [Fact]
    public async Task Of_many_at_once_one_is_stored_and_the_others_wait_or_get_its_answer()
    {
        var (device, body, key) = New("""{"device":"$","fields":{"x":1}}""");
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _client.PostAsync(Posting.One, body, key)));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created && !response.Headers.Contains("Idempotency-Replayed"));
        foreach (var waiting in responses.Where(response => response.StatusCode != HttpStatusCode.Created))
        {
            await waiting.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
            Assert.True(waiting.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, await CountAsync(device));
    }

    [Fact]
    public async Task Caller_who_is_not_allowed_any_more_gets_no_answer_of_before()
    {
        var (_, body, key) = New("""{"device":"$","fields":{"x":1}}""");
        using var stored = await _client.PostAsync(Posting.One, body, key);
        using var anonymous = await fixture.Server.Anonymous().PostAsync(Posting.One, body, key);
        await anonymous.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    private static (string Device, string Body, string Key) New(string template)
    {
        var device = "once-" + Guid.NewGuid().ToString("N");
        return (device, template.Replace("$", device, StringComparison.Ordinal), Guid.NewGuid().ToString());
    }

    private static int Accepted(string template) => template.StartsWith('{') || template.Contains("text", StringComparison.Ordinal) ? 1 : 3;

    private async Task<int> CountAsync(string device)
    {
        using var page = JsonDocument.Parse(await _client.GetStringAsync($"/measurements?device={device}", Cancel));
        return page.RootElement.GetProperty("items").GetArrayLength();
    }
}
