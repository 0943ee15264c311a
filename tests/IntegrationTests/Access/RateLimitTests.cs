using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class RateLimitTests : IAsyncLifetime
{
    private AccessServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // An hour, so that no window ends in the middle of a test.
    public async ValueTask InitializeAsync() => _server = await AccessServer.StartAsync(
        null,
        "--RateLimits:Tiers:small:Requests=3",
        "--RateLimits:Tiers:small:Measurements=20",
        "--RateLimits:Tiers:small:WindowSeconds=3600",
        "--RateLimits:Tiers:bulk:Measurements=10",
        "--RateLimits:Tiers:bulk:WindowSeconds=3600",
        "--RateLimits:Tiers:bulk:Burst=5",
        "--RateLimits:Tiers:quick:Requests=1",
        "--RateLimits:Tiers:quick:WindowSeconds=2");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Request_at_the_limit_is_answered_and_one_more_is_told_when_to_come_back()
    {
        var client = await ClientAsync("small");
        for (var i = 1; i <= 3; i++)
        {
            using var response = await PostAsync(client, 2);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            var state = RateLimitState.Of(response)!;
            Assert.Equal(("small", 3 - i, 20 - (2 * i)), (state.Tier, state.Policies["small-requests"].Remaining, state.Policies["small-measurements"].Remaining));
            Assert.Equal("small-requests", state.Tighter.Name);
        }

        using var refused = await PostAsync(client, 2);

        var error = await refused.ShouldFailAsync(HttpStatusCode.TooManyRequests, "rate_limit_exceeded");
        var told = RateLimitState.Of(refused)!;
        var wait = (long)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.Equal(("small-requests", 0, 14), (told.Tighter.Name, told.Tighter.Remaining, told.Policies["small-measurements"].Remaining));
        Assert.Equal(wait, told.Tighter.Seconds);
        var details = error.Details!.Value;
        Assert.Equal(wait, details.GetProperty("retryAfterSeconds").GetInt64());
        Assert.Equal(
            ("small-requests", 3, 3, 3600),
            (details.GetProperty("policy").GetString(), details.GetProperty("limit").GetInt32(), details.GetProperty("used").GetInt32(), details.GetProperty("windowSeconds").GetInt32()));
        Assert.Contains("'small' allows 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Measurements_count_beside_requests_and_a_smaller_batch_still_fits()
    {
        var client = await ClientAsync("bulk");
        using var first = await PostAsync(client, 12);
        Assert.Equal((HttpStatusCode.Created, 3L), (first.StatusCode, RateLimitState.Of(first)!.Tighter.Remaining));

        using var refused = await PostAsync(client, 4);
        await refused.ShouldFailAsync(HttpStatusCode.TooManyRequests, "rate_limit_exceeded");
        Assert.Equal(("bulk-measurements", 3L), (RateLimitState.Of(refused)!.Tighter.Name, RateLimitState.Of(refused)!.Tighter.Remaining));

        using var fitting = await PostAsync(client, 3);
        Assert.Equal((HttpStatusCode.Created, 0L), (fitting.StatusCode, RateLimitState.Of(fitting)!.Tighter.Remaining));
    }

    [Fact]
    public async Task Batch_that_never_fits_is_too_large_whatever_is_left()
    {
        var client = await ClientAsync("bulk");
        for (var i = 0; i < 2; i++)
        {
            using var refused = await PostAsync(client, 16);
            var error = await refused.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
            Assert.Equal(15, error.Details!.Value.GetProperty("limit").GetInt32());
            Assert.Null(refused.Headers.RetryAfter);
            using var largest = await PostAsync(client, 15);
            Assert.Equal(i == 0 ? HttpStatusCode.Created : HttpStatusCode.TooManyRequests, largest.StatusCode);
        }
    }

    [Fact]
    public async Task Client_that_waits_as_told_gets_through_and_one_that_does_not_does_not()
    {
        var client = await ClientAsync("quick");
        var earlyOnes = 0;
        for (var round = 0; round < 4; round++)
        {
            HttpResponseMessage response;
            while ((response = await client.GetAsync("/measurements", Cancel)).StatusCode == HttpStatusCode.OK)
                response.Dispose();
            using (response)
            {
                Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
                var wait = response.Headers.RetryAfter!.Delta!.Value;
                Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));

                // Told in whole seconds: at more than one it is certainly too early now.
                if (wait > TimeSpan.FromSeconds(1))
                {
                    using var early = await client.GetAsync("/measurements", Cancel);
                    Assert.Equal(HttpStatusCode.TooManyRequests, early.StatusCode);
                    earlyOnes++;
                }

                await Task.Delay(wait, TimeProvider.System, Cancel);
            }

            using var again = await client.GetAsync("/measurements", Cancel);
            await again.ShouldBeAsync(HttpStatusCode.OK);
        }

        Assert.NotEqual(0, earlyOnes);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/measurement", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/measurements?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/admin/tiers", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/measurement", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("GET", "/health", HttpStatusCode.OK)]
    public async Task Every_answer_to_a_key_tells_how_it_stands(string method, string path, HttpStatusCode status)
    {
        var client = await ClientAsync("standard", Scopes.MeasurementsRead | Scopes.MeasurementsWrite);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(["standard-requests", "standard-measurements"], RateLimitState.Of(response)!.Policies.Keys);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/measurement", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_not_there_costs_a_request_too(string method, string path, HttpStatusCode status)
    {
        var client = await ClientAsync("small");
        for (var i = 1; i <= 4; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await client.SendAsync(request, Cancel);
            Assert.Equal(i <= 3 ? status : HttpStatusCode.TooManyRequests, response.StatusCode);
            Assert.Equal(Math.Max(0, 3 - i), RateLimitState.Of(response)!.Policies["small-requests"].Remaining);
        }
    }

    [Fact]
    public async Task Blocked_key_is_told_how_it_stands_and_its_requests_take_nothing()
    {
        var key = await _server.AddKeyAsync(key => key with { Tier = "small" });
        using var block = new StringContent($$"""{"kind":"key","value":"{{key.Split('_')[1]}}","reason":"lost"}""", Encoding.UTF8, "application/json");
        using var made = await _server.Client(_server.AdminKey).PostAsync("/admin/blocks", block, Cancel);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        for (var i = 0; i < 5; i++)
        {
            using var response = await _server.Client(key).GetAsync("/measurements", Cancel);
            await response.ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
            Assert.Equal(3, RateLimitState.Of(response)!.Policies["small-requests"].Remaining);
        }
    }

    [Fact]
    public async Task Body_that_breaks_off_is_answered_with_the_headers_too()
    {
        var key = await _server.AddKeyAsync(key => key with { Tier = "standard" });
        using var raw = await RawConnection.OpenAsync(_server.Url);
        await raw.SendHeadAsync("/measurement", key, "Transfer-Encoding: chunked", "Connection: close");
        await raw.SendAsync("nonsense\r\n");
        var answer = await raw.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("RateLimit: \"standard-requests\";r=", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unlimited_keys_and_strangers_are_told_nothing()
    {
        using var unlimited = await (await ClientAsync("unlimited")).GetAsync("/measurements", Cancel);
        using var stranger = await _server.Client(AccessServer.NewToken()).GetAsync("/measurements", Cancel);
        using var nobody = await _server.Client().GetAsync("/health", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (unlimited.StatusCode, stranger.StatusCode));
        Assert.All([unlimited, stranger, nobody], response => Assert.Null(RateLimitState.Of(response)));
    }

    [Fact]
    public async Task Key_with_nothing_left_is_refused_before_its_body_is_read()
    {
        var key = await _server.AddKeyAsync(key => key with { Tier = "small" });
        for (var i = 0; i < 3; i++)
            (await _server.Client(key).GetAsync("/measurements", Cancel)).Dispose();
        using var raw = await RawConnection.OpenAsync(_server.Url);

        // The body never comes.
        await raw.SendHeadAsync("/measurement", key, "Content-Length: 1000", "Connection: close");
        var answer = await raw.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 429", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Public_endpoints_answer_a_key_that_has_nothing_left()
    {
        var client = await ClientAsync("small");
        for (var i = 0; i < 4; i++)
            (await client.GetAsync("/measurements", Cancel)).Dispose();

        using var response = await client.GetAsync("/health", Cancel);

        Assert.Equal((HttpStatusCode.OK, 0L), (response.StatusCode, RateLimitState.Of(response)!.Tighter.Remaining));
        var checks = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("checks");
        Assert.Equal("healthy", checks.GetProperty("rateLimiter").GetProperty("status").GetString());
    }

    private Task<HttpClient> ClientAsync(string tier, Scopes scopes = Scopes.Admin) =>
        _server.ClientForAsync(key => key with { Tier = tier, Scopes = scopes });

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, int measurements)
    {
        var items = Enumerable.Range(0, measurements).Select(i => $$"""{ "device": "d-{{i}}", "fields": { "v": 1 } }""");
        using var content = new StringContent($"[{string.Join(',', items)}]", Encoding.UTF8, "application/json");
        return await client.PostAsync("/measurements", content, Cancel);
    }
}
