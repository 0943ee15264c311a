using System.Net;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

public sealed class WarmTests
{
    private const string Query = "/measurements?device=a&" + CachingSteps.Closed;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listed_queries_are_in_the_cache_afterwards_and_those_that_fail_are_told()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await admin.StoreAsync("a", 1);

        var answer = await WarmAsync(admin, $$"""{ "queries": ["{{Query}}", "/measurements/latest?device=a", "/measurements?limit=0", "/health", "/measurements?device=a\n"] }""");

        Assert.Equal(("warmed", 2), (answer.GetProperty("status").GetString(), answer.GetProperty("warmed").GetInt32()));
        Assert.Equal(
            [("/measurements?limit=0", "invalid_parameter"), ("/health", "invalid_parameter"), ("/measurements?device=a\n", "invalid_parameter")],
            answer.GetProperty("failed").EnumerateArray().Select(failed => (failed.GetProperty("query").GetString()!, failed.GetProperty("code").GetString()!)));
        using var hit = await admin.AskAsync(Query);
        Assert.StartsWith("IotBackend; hit", hit.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal([1], await hit.ValuesAsync());
    }

    [Fact]
    public async Task Listed_queries_are_asked_with_the_sight_and_the_limits_of_the_caller()
    {
        await using var server = await AccessServer.StartAsync(null, "--RateLimits:Tiers:small:Requests=3");
        var client = server.Client(await server.AddKeyAsync(key => key with
        {
            Scopes = Scopes.CacheManage | Scopes.MeasurementsRead, Tier = "small", Devices = [DevicePattern.Parse("a")],
        }));

        var answer = await WarmAsync(client, $$"""{ "queries": ["{{Query}}", "/measurements?device=b", "/measurements?device=a"] }""");

        Assert.Equal(1, answer.GetProperty("warmed").GetInt32());
        Assert.Equal(["device_not_allowed", "rate_limit_exceeded"], answer.GetProperty("failed").EnumerateArray().Select(failed => failed.GetProperty("code").GetString()!));
    }

    [Fact]
    public async Task Most_asked_queries_are_asked_again_but_none_that_shows_more_than_the_caller_may_see()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        var limited = await server.LimitedClientAsync("a");
        await admin.AskAsync(Query);
        await limited.AskAsync("/measurements");

        Assert.Equal(1, (await WarmAsync(limited, "{}")).GetProperty("warmed").GetInt32());
        Assert.Equal(2, (await WarmAsync(admin, "{}")).GetProperty("warmed").GetInt32());
        using var bare = await admin.PostAsync("/cache/warm", null, Cancellation);
        await bare.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_more_than_fifty_queries_are_taken()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        static string Body(int count) => JsonSerializer.Serialize(new { queries = Enumerable.Range(0, count).Select(i => $"/measurements?device=d{i}") });

        Assert.Equal(50, (await WarmAsync(admin, Body(50))).GetProperty("warmed").GetInt32());
        await (await admin.PostJsonAsync("/cache/warm", Body(51))).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Most_asked_queries_are_warm_again_after_a_restart_and_after_a_purge()
    {
        await using var server = await IotServer.StartAsync();
        var before = server.Client();
        await before.StoreAsync("a", 1);
        for (var i = 0; i < 5; i++)
            await before.AskAsync(Query);
        Assert.Equal(0, await server.StopAsync());
        Assert.Contains("device=a", await File.ReadAllTextAsync(Path.Combine(server.DataPath, "cache-warming.json"), Cancellation), StringComparison.Ordinal);

        await server.RestartAsync();
        var after = server.Client();
        await WaitUntilWarmAsync(after);
        using var hit = await after.AskAsync(Query);
        Assert.StartsWith("IotBackend; hit", hit.CacheStatus(), StringComparison.Ordinal);

        await (await after.PostJsonAsync("/cache/purge", """{ "all": true }""")).ShouldBeAsync(HttpStatusCode.OK);
        await WaitUntilWarmAsync(after);
        using var again = await after.AskAsync(Query);
        Assert.StartsWith("IotBackend; hit", again.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal([1], await again.ValuesAsync());
    }

    // The health is looked at once a second at most, and nothing but warming fills this cache meanwhile.
    private static Task WaitUntilWarmAsync(HttpClient client) => Eventually.TrueAsync(
        async () =>
        {
            using var health = JsonDocument.Parse(await client.GetStringAsync("/health", Cancellation));
            return health.RootElement.GetProperty("checks").GetProperty("cache").GetProperty("entries").GetDouble() > 0;
        },
        "the cache is warm");

    private static async Task<JsonElement> WarmAsync(HttpClient client, string body)
    {
        using var response = await client.PostJsonAsync("/cache/warm", body);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
    }
}
