using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>Whatever happens to Redis while devices send: no request fails, none waits for it, limits go on, and all is well again by itself.</summary>
[Collection(AloneCollection.Name)]
public sealed class RedisOutageTests
{
    // Of one request on a busy machine; what waits for a server that hangs waits for seconds.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hang")]
    [InlineData("kill")]
    [InlineData("flush")]
    [InlineData("cut")]
    public async Task No_request_fails_and_none_waits(string fault)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{redis.Port}"));
        await using var server = await AccessServer.StartAsync(null, $"--Redis:Configuration={RedisServer.At(proxy.Url.Port)}", "--RateLimits:Tiers:wide:Requests=1000000");
        var client = server.Client(await server.AddKeyAsync(key => key with { Tier = "wide" }));
        await HealthIsAsync(server, "healthy");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answers = new ConcurrentQueue<(HttpStatusCode Status, TimeSpan Took)>();
        var devices = Enumerable.Range(0, 8).Select(i => SendAsync(client, i, answers, end.Token)).ToArray();
        await SentAsync(answers, 200);
        switch (fault)
        {
            case "hang":
                await redis.SuspendAsync();
                await HealthIsAsync(server, "degraded");
                await SentAsync(answers, 200);
                await redis.ResumeAsync();
                break;
            case "kill":
                await redis.KillAsync();
                await HealthIsAsync(server, "degraded");
                await SentAsync(answers, 200);
                await redis.RestartAsync();
                break;
            case "flush":
                await redis.AskAsync("FLUSHALL");
                await redis.AskAsync("SCRIPT FLUSH");
                break;
            default:
                for (var i = 0; i < 5; i++)
                {
                    proxy.Cut();
                    await SentAsync(answers, 40);
                }

                break;
        }

        await HealthIsAsync(server, "healthy");
        await SentAsync(answers, 200);
        await end.CancelAsync();
        await Task.WhenAll(devices);

        Assert.Empty(answers.Where(answer => answer.Status != HttpStatusCode.Created).Select(answer => answer.Status));
        Assert.InRange(answers.Max(answer => answer.Took), TimeSpan.Zero, Longest);
    }

    [Fact]
    public async Task Limits_go_on_where_redis_is_away()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await AccessServer.StartAsync(null, $"--Redis:Configuration={redis.Configuration}", "--RateLimits:Tiers:narrow:Requests=10", "--RateLimits:Tiers:narrow:WindowSeconds=3600");
        var client = server.Client(await server.AddKeyAsync(key => key with { Tier = "narrow" }));
        Assert.Equal(6, await GrantedAsync(client, 6));
        await redis.KillAsync();
        await HealthIsAsync(server, "degraded");
        Assert.Equal(4, await GrantedAsync(client, 10));
        await redis.RestartAsync();
        await HealthIsAsync(server, "healthy");

        // Redis has forgotten all; this node has not.
        Assert.Equal(0, await GrantedAsync(client, 10));
    }

    [Fact]
    public async Task Program_starts_without_redis_and_finds_it_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var server = await AccessServer.StartAsync(null, $"--Redis:Configuration={redis.Configuration}");
        var client = server.Client(await server.AddKeyAsync(key => key with { Tier = "standard" }));
        Assert.Equal(1, await GrantedAsync(client, 1));
        await HealthIsAsync(server, "degraded");
        await redis.RestartAsync();
        await HealthIsAsync(server, "healthy");
        Assert.Equal(1, await GrantedAsync(client, 1));
        Assert.Contains("limit1:", await redis.AskAsync("KEYS *"), StringComparison.Ordinal);
        Assert.DoesNotContain(server.LogLines, line => line.Contains(RedisServer.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_password_degrades_and_is_told_without_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await AccessServer.StartAsync(null, $"--Redis:Configuration=127.0.0.1:{redis.Port},password=not-the-right-one");
        await HealthIsAsync(server, "degraded");
        Assert.Contains(server.LogLines, line => line.Contains("Redis does not answer", StringComparison.Ordinal));
        Assert.DoesNotContain(server.LogLines, line => line.Contains("not-the-right-one", StringComparison.Ordinal));
    }

    private static async Task SendAsync(HttpClient client, int device, ConcurrentQueue<(HttpStatusCode Status, TimeSpan Took)> answers, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var response = await client.PostAsJsonAsync("/measurement", new { device = $"device-{device}", name = "counter", fields = new { value = i } }, Cancel);
            answers.Enqueue((response.StatusCode, TimeProvider.System.GetElapsedTime(began)));
            await Eventually.PauseAsync();
        }
    }

    private static async Task SentAsync(ConcurrentQueue<(HttpStatusCode Status, TimeSpan Took)> answers, int more)
    {
        var before = answers.Count;
        await Eventually.TrueAsync(() => answers.Count >= before + more, $"{more} more requests are answered");
    }

    private static async Task<int> GrantedAsync(HttpClient client, int requests)
    {
        var granted = 0;
        for (var i = 0; i < requests; i++)
        {
            using var response = await client.GetAsync("/measurements?limit=1", Cancel);
            if (response.StatusCode == HttpStatusCode.OK)
                granted++;
            else
                Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        return granted;
    }

    // The answer of a second ago may still be given.
    private static Task HealthIsAsync(AccessServer server, string status) => Eventually.TrueAsync(
        async () =>
        {
            using var response = await server.Client().GetAsync("/health", Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            var checks = health.GetProperty("checks");
            await Eventually.PauseAsync(TimeSpan.FromMilliseconds(100));
            return health.GetProperty("status").GetString() == status
                && checks.GetProperty("redis").GetProperty("status").GetString() == status
                && checks.GetProperty("rateLimiter").GetProperty("status").GetString() == status;
        },
        $"health says {status}");
}
