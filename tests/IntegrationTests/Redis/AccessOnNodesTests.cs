using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Application.Access.Blocks;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>
/// What is changed on one node holds on the other within a second: as long as the nodes would need by themselves, which is minutes, nobody waits.
/// Limits hold for both together.
/// </summary>
public sealed class AccessOnNodesTests(RedisFixture redis) : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private AccessNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _nodes = await AccessNodes.StartAsync((await redis.ServerAsync()).Configuration, redis.NewPrefix());

    public ValueTask DisposeAsync() => _nodes?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Revoked_key_is_refused_by_the_other_node()
    {
        var key = await _nodes.Here.AddKeyAsync();
        var admin = _nodes.Here.Client(await _nodes.Here.AddKeyAsync());
        var client = _nodes.There.Client(key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        using var revoked = await admin.DeleteAsync($"/admin/keys/{(await _nodes.KeyAsync(key)).Id}", Cancel);
        Assert.True(revoked.IsSuccessStatusCode);
        await WithinASecondAsync(async () => await StatusAsync(client) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Rotated_key_is_known_to_the_other_node()
    {
        var key = await _nodes.Here.AddKeyAsync();
        var admin = _nodes.Here.Client(await _nodes.Here.AddKeyAsync());
        var client = _nodes.There.Client(key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        using var rotated = await admin.PostAsJsonAsync($"/admin/keys/{(await _nodes.KeyAsync(key)).Id}/rotate", new { overlapSeconds = 0 }, Cancel);
        Assert.True(rotated.IsSuccessStatusCode, await rotated.Content.ReadAsStringAsync(Cancel));
        await WithinASecondAsync(async () => await StatusAsync(client) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Changed_tier_holds_on_the_other_node()
    {
        var admin = _nodes.Here.Client(await _nodes.Here.AddKeyAsync());
        await SaveTierAsync(admin, new { requests = 1_000_000, windowSeconds = 3_600 });
        var client = _nodes.There.Client(await _nodes.Here.AddKeyAsync(key => key with { Tier = "own" }));
        await WithinASecondAsync(async () => await LimitAsync(client) == "1000000");
        await SaveTierAsync(admin, new { requests = 5_000, windowSeconds = 3_600 });
        await WithinASecondAsync(async () => await LimitAsync(client) == "5000");
    }

    [Fact]
    public async Task Block_by_hand_holds_on_the_other_node_and_is_lifted_there()
    {
        var admin = _nodes.Here.Client(await _nodes.Here.AddKeyAsync());
        var key = await _nodes.Here.AddKeyAsync();
        var client = _nodes.There.Client(key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        using var made = await admin.PostAsJsonAsync("/admin/blocks", new { kind = "key", value = (await _nodes.KeyAsync(key)).Id, reason = "because" }, Cancel);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Cancel));
        await WithinASecondAsync(async () => await StatusAsync(client) == HttpStatusCode.Forbidden);
        var block = await made.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        using var lifted = await admin.DeleteAsync($"/admin/blocks/{block.GetProperty("id").GetString()}", Cancel);
        Assert.True(lifted.IsSuccessStatusCode);
        await WithinASecondAsync(async () => await StatusAsync(client) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Block_by_a_rule_holds_on_the_other_node()
    {
        var key = await _nodes.Here.AddKeyAsync();
        var client = _nodes.There.Client(key);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        _nodes.Here.Services.GetRequiredService<BlockList>().BlockByRule(BlockTarget.OfKey((await _nodes.KeyAsync(key)).Id), "because");
        await WithinASecondAsync(async () => await StatusAsync(client) == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Limit_is_exact_over_both_nodes()
    {
        const int Limit = 500;
        var admin = _nodes.Here.Client(await _nodes.Here.AddKeyAsync());
        await SaveTierAsync(admin, new { requests = Limit, windowSeconds = 3_600 });
        var key = await _nodes.Here.AddKeyAsync(key => key with { Tier = "own" });
        var other = _nodes.There.Client(await _nodes.Here.AddKeyAsync(key => key with { Tier = "own" }));
        await WithinASecondAsync(async () => await LimitAsync(other) == "500");
        HttpClient[] clients = [_nodes.Here.Client(key), _nodes.There.Client(key)];
        var granted = 0;
        await Parallel.ForAsync(0, 2 * Limit, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (i, _) =>
        {
            if (await StatusAsync(clients[i % 2]) == HttpStatusCode.OK)
                Interlocked.Increment(ref granted);
        });

        Assert.InRange(granted, Limit * 98 / 100, Limit * 102 / 100);
    }

    [Fact]
    public async Task No_hash_of_a_secret_is_in_redis()
    {
        var server = await redis.ServerAsync();
        var key = await _nodes.Here.AddKeyAsync(key => key with { Tier = "standard" });
        foreach (var node in new[] { _nodes.Here, _nodes.There })
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(node.Client(key)));
        Assert.Contains("limit1:", await server.AskAsync("KEYS *"), StringComparison.Ordinal);
        Assert.DoesNotContain("apikey:", await server.AskAsync("KEYS *"), StringComparison.Ordinal);
    }

    private static async Task SaveTierAsync(HttpClient admin, object tier)
    {
        using var saved = await admin.PutAsJsonAsync("/admin/tiers/own", tier, Cancel);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/measurements?limit=1", Cancel);
        return response.StatusCode;
    }

    private static async Task<string?> LimitAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/measurements?limit=1", Cancel);
        return response.Headers.TryGetValues("X-RateLimit-Limit", out var values) ? values.Single() : null;
    }

    private static async Task WithinASecondAsync(Func<Task<bool>> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(isSo, "it holds on the other node");
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took < Second, string.Create(CultureInfo.InvariantCulture, $"It took {took.TotalMilliseconds:F0} ms."));
    }
}
