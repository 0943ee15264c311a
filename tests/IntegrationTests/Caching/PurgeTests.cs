using System.Net;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

public sealed class PurgeTests : IAsyncLifetime
{
    private AccessServer _server = null!;
    private HttpClient _admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AccessServer.StartAsync();
        _admin = _server.Client(_server.AdminKey);
        await _admin.CreateBucketAsync("other");
        foreach (var device in new[] { "a", "b" })
        {
            await _admin.StoreAsync(device, 1);
            await _admin.StoreAsync(device, 1, bucket: "other");
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("""{ "all": true }""", "all", "a b other-a")]
    [InlineData("""{ "devices": ["a"] }""", "devices", "a other-a")]
    [InlineData("""{ "tags": ["device:b"] }""", "tags", "b")]
    [InlineData("""{ "tags": ["bucket:other"] }""", "tags", "other-a")]
    [InlineData("""{ "tags": ["bucket:other", "device:b"] }""", "tags", "b other-a")]
    public async Task Purge_makes_the_store_be_asked_again_for_what_it_names_and_nothing_else(string body, string scope, string purged)
    {
        var queries = new Dictionary<string, string>
        {
            ["a"] = $"/measurements?device=a&{CachingSteps.Closed}",
            ["b"] = $"/measurements?device=b&{CachingSteps.Closed}",
            ["other-a"] = $"/measurements?device=a&bucket=other&{CachingSteps.Closed}",
        };
        foreach (var query in queries.Values)
            await (await _admin.AskAsync(query)).ShouldBeAsync(HttpStatusCode.OK);
        var misses = _server.Cache().Figures.Misses;

        using var response = await _admin.PostJsonAsync("/cache/purge", body);

        await response.ShouldBeAsync(HttpStatusCode.OK);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(("purged", scope), (answer.RootElement.GetProperty("status").GetString(), answer.RootElement.GetProperty("scope").GetString()));
        Assert.Equal(scope == "all" ? 3L : null, answer.RootElement.TryGetProperty("removed", out var removed) ? removed.GetInt64() : (long?)null);

        // What was purged is asked for again in the background, since these queries are the most asked; either way the store is asked.
        foreach (var query in queries.Values)
            await (await _admin.AskAsync(query)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(purged.Split(' ').Length, _server.Cache().Figures.Misses - misses);
    }

    [Fact]
    public async Task Purge_is_in_the_audit_log()
    {
        await (await _admin.PostJsonAsync("/cache/purge", """{ "devices": ["a"] }""")).ShouldBeAsync(HttpStatusCode.OK);

        var entry = Assert.Single(await _admin.AuditAsync("?action=cache.purge"));
        Assert.Equal("done", entry.Text("outcome"));
    }

    [Theory]
    [InlineData("{}", "required")]
    [InlineData("""{ "all": false }""", "required")]
    [InlineData("""{ "all": 1 }""", "wrong_type")]
    [InlineData("""{ "all": true, "devices": ["a"] }""", "required")]
    [InlineData("""{ "devices": [] }""", "required")]
    [InlineData("""{ "devices": "a" }""", "wrong_type")]
    [InlineData("""{ "devices": ["_a"] }""", "invalid_identifier")]
    [InlineData("""{ "tags": ["a"] }""", "invalid_identifier")]
    [InlineData("""{ "tags": ["bucket:"] }""", "invalid_identifier")]
    [InlineData("""{ "everything": true }""", "unknown_member")]
    public async Task Purge_of_what_is_not_said_properly_is_refused(string body, string code)
    {
        using var response = await _admin.PostJsonAsync("/cache/purge", body);

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains($"\"{code}\"", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "all": true }""", "device_not_allowed")]
    [InlineData("""{ "devices": ["b"] }""", "device_not_allowed")]
    [InlineData("""{ "tags": ["device:b"] }""", "device_not_allowed")]
    [InlineData("""{ "tags": ["bucket:default"] }""", "device_not_allowed")]
    [InlineData("""{ "devices": ["a"] }""", null)]
    public async Task Key_that_is_limited_to_devices_purges_only_those(string body, string? code) =>
        await CheckAsync(await _server.LimitedClientAsync("a", Scopes.CacheManage), body, code);

    [Theory]
    [InlineData("""{ "all": true }""", "bucket_not_allowed")]
    [InlineData("""{ "tags": ["bucket:default"] }""", "bucket_not_allowed")]
    [InlineData("""{ "tags": ["bucket:other"] }""", null)]
    [InlineData("""{ "devices": ["a"] }""", null)]
    public async Task Key_that_is_limited_to_buckets_purges_only_those(string body, string? code) =>
        await CheckAsync(_server.Client(await _server.AddKeyAsync(key => key with { Scopes = Scopes.CacheManage, Buckets = [BucketName.TryParse("other", out _)!] })), body, code);

    [Theory]
    [InlineData("/cache/purge", """{ "all": true }""")]
    [InlineData("/cache/warm", "{}")]
    public async Task Key_without_the_scope_neither_purges_nor_warms(string path, string body)
    {
        var client = _server.Client(await _server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead | Scopes.MeasurementsWrite }));

        await (await client.PostJsonAsync(path, body)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        await (await _server.Client().PostJsonAsync(path, body)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    private static async Task CheckAsync(HttpClient client, string body, string? code)
    {
        using var response = await client.PostJsonAsync("/cache/purge", body);
        if (code is null)
            await response.ShouldBeAsync(HttpStatusCode.OK);
        else
            await response.ShouldFailAsync(HttpStatusCode.Forbidden, code);
    }
}
