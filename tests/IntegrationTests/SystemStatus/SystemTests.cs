using System.Net;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.SystemStatus;

/// <summary>The public endpoints, and what every response carries.</summary>
public sealed class SystemTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Anonymous();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_tells_the_whole_and_each_part()
    {
        using var response = await _client.GetAsync(new Uri("health", UriKind.Relative), Cancel);

        var health = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("healthy", "IotBackend"), ((string?)health["status"], (string?)health["name"]));
        Assert.Equal("healthy", (string?)health["checks"]!["measurementStore"]!["status"]);
        Assert.Equal("healthy", (string?)health["checks"]!["keyStore"]!["status"]);
        Assert.True((double)health["checks"]!["keyStore"]!["latencyMs"]! > 0);
        Assert.Equal("healthy", (string?)health["checks"]!["rateLimiter"]!["status"]);
        Assert.Equal("healthy", (string?)health["checks"]!["cache"]!["status"]);
    }

    [Theory]
    [InlineData("health/live")]
    [InlineData("health/ready")]
    public async Task Probes_answer_get_and_head(string path)
    {
        using var get = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await _client.SendAsync(request, Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (get.StatusCode, head.StatusCode));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Version_can_be_cached_for_an_hour()
    {
        using var response = await _client.GetAsync(new Uri("version", UriKind.Relative), Cancel);

        var version = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal($"{version["major"]}.{version["minor"]}.{version["patch"]}", (string?)version["version"]);
        Assert.EndsWith("Z", (string?)version["builtAt"], StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), response.Headers.CacheControl!.MaxAge);
    }

    [Fact]
    public async Task Time_is_given_in_both_forms_and_never_cached()
    {
        using var response = await _client.GetAsync(new Uri("time", UriKind.Relative), Cancel);

        var time = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        var iso = DateTimeOffset.Parse((string)time["iso"]!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(iso.ToUnixTimeMilliseconds(), (long)time["unixMilliseconds"]!);
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Every_response_carries_security_headers_and_a_request_id()
    {
        foreach (var path in new[] { "health", "nothing-here", "measurements", "openapi/v1.json" })
        {
            using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
            Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
            Assert.Equal(["same-origin"], response.Headers.GetValues("Cross-Origin-Resource-Policy"));
            Assert.Equal(["DENY"], response.Headers.GetValues("X-Frame-Options"));
            Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
            Assert.True(response.Headers.Contains("Permissions-Policy"));
            Assert.Single(response.Headers.GetValues("X-Request-ID"));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Theory]
    [InlineData("my-request:1.2_3", true)]
    [InlineData("has space", false)]
    [InlineData("<script>", false)]
    public async Task Sane_request_id_of_the_caller_is_kept(string id, bool isKept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "time");
        request.Headers.TryAddWithoutValidation("X-Request-ID", id);
        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal(isKept, response.Headers.GetValues("X-Request-ID").Single() == id);
    }

    [Fact]
    public async Task Unknown_address_and_method_are_told()
    {
        using var unknown = await _client.GetAsync(new Uri("nothing-here", UriKind.Relative), Cancel);
        using var method = await _client.DeleteAsync(new Uri("measurement", UriKind.Relative), Cancel);

        await unknown.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        await method.ShouldFailAsync(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["POST"], method.Content.Headers.Allow);
    }

    [Fact]
    public async Task Errors_come_as_rfc_9457_when_asked_for()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "measurements");
        request.Headers.Accept.ParseAdd("application/problem+json");
        using var response = await _client.SendAsync(request, Cancel);

        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((401, "missing_credentials"), ((int)problem["status"]!, (string?)problem["error"]));
        Assert.Equal((string?)problem["message"], (string?)problem["detail"]);
        Assert.NotNull(problem["type"]);
        Assert.NotNull(problem["errorId"]);
    }

    [Fact]
    public async Task OpenApi_describes_every_endpoint_with_its_parameters_and_errors()
    {
        using var response = await _client.GetAsync(new Uri("openapi/v1.json", UriKind.Relative), Cancel);

        var document = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        var paths = document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "/admin/audit", "/admin/blocks", "/admin/blocks/{id}", "/admin/buckets", "/admin/buckets/{name}", "/admin/keys", "/admin/keys/{id}",
                "/admin/keys/{id}/rotate", "/admin/keys/{id}/usage", "/admin/spool", "/admin/spool/refused", "/admin/spool/refused/{id}",
                "/admin/spool/refused/{id}/replay", "/admin/spool/replay", "/admin/tiers", "/admin/tiers/{name}", "/cache/purge", "/cache/warm", "/devices", "/devices/{device}", "/health",
                "/health/live", "/health/ready",
                "/measurement", "/measurements",
                "/measurements/latest", "/measurements/stream", "/time", "/version",
            ],
            paths);
        var read = document["paths"]!["/measurements"]!["get"]!;
        Assert.Equal(
            ["bucket", "device", "name", "field", "tag.<key>", "from", "to", "order", "limit", "cursor", "resumeAfter", "window", "aggregate", "fill"],
            read["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        Assert.NotNull(read["responses"]!["401"]);
        Assert.Equal(["application/json", "text/csv", "application/x-ndjson"], read["responses"]!["200"]!["content"]!.AsObject().Select(content => content.Key));
        Assert.NotNull(document["paths"]!["/measurement"]!["post"]!["requestBody"]);
        var delete = document["paths"]!["/admin/buckets/{name}"]!["delete"]!;
        Assert.Equal(
            ["path name", "query confirm", "header If-Match", "header If-None-Match"],
            delete["parameters"]!.AsArray().Select(parameter => $"{parameter!["in"]} {parameter["name"]}"));
        foreach (var (path, own) in new[] { ("/measurement", Array.Empty<string>()), ("/measurements", ["query precision"]) })
        {
            var post = document["paths"]![path]!["post"]!;
            Assert.Equal(["query bucket", .. own, "header Idempotency-Key"], post["parameters"]!.AsArray().Select(parameter => $"{parameter!["in"]} {parameter["name"]}"));
            Assert.All(["409", "422"], status => Assert.NotNull(post["responses"]![status]));
        }

        var check = document["components"]!["schemas"]!["HealthCheckDocument"]!;
        Assert.Equal("number", (string?)check["additionalProperties"]?["type"]);
    }

    [Fact]
    public async Task Reference_page_allows_its_own_scripts_only()
    {
        using var response = await _client.GetAsync(new Uri("docs/", UriKind.Relative), Cancel);

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'nonce-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browsers_of_other_origins_are_closed_out_unless_configured()
    {
        await using var open = await IotServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["Cors:Origins"] = "https://app.example" } });

        using var closed = await PreflightAsync(_client, "https://app.example");
        using var allowed = await PreflightAsync(open.Anonymous(), "https://app.example");
        using var foreign = await PreflightAsync(open.Anonymous(), "https://evil.example");

        Assert.False(closed.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(["https://app.example"], allowed.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Wrong_setting_stops_the_start_with_one_line_that_names_it()
    {
        var settings = new Dictionary<string, string> { ["Measurements:Embedded:MemtableBytes"] = "many" };

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => IotServer.StartAsync(new() { Settings = settings }));

        var line = Assert.Single(failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1));
        Assert.Contains("Measurements:Embedded:MemtableBytes", line, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(HttpClient client, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "measurement");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "x-api-key,content-type");
        return await client.SendAsync(request, Cancel);
    }
}
