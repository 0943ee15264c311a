using System.Net;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

/// <summary>The cache before a real InfluxDB that goes away and comes back.</summary>
public sealed class CacheOutageTests
{
    [Fact]
    public async Task Old_answers_serve_while_InfluxDB_is_away_and_what_was_spooled_is_in_the_next_when_it_is_back()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("a", 1, timestamp: null);
        Assert.Equal([1], await (await client.AskAsync("/measurements?device=a")).ValuesAsync());

        await stack.Influx.KillAsync();
        var stale = await Eventually.GetAsync(
            async () =>
            {
                var response = await client.AskAsync("/measurements?device=a");
                return response.IsSuccessStatusCode && response.CacheStatus().Contains("ttl=-", StringComparison.Ordinal) ? response : null;
            },
            "an old answer");
        Assert.Matches("^IotBackend; hit; ttl=-[0-9]+$", stale.CacheStatus());
        Assert.True(stale.Headers.Age >= TimeSpan.Zero);
        Assert.Equal("max-age=0, private", stale.Headers.CacheControl!.ToString());
        Assert.Equal([1], await stale.ValuesAsync());

        // Queued is not stored: the old answer still serves.
        using (var queued = await client.PostJsonAsync("/measurement", """{ "device": "a", "fields": { "value": 2 } }"""))
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        Assert.Equal([1], await (await client.AskAsync("/measurements?device=a")).ValuesAsync());
        await (await client.AskAsync("/measurements?device=never-asked")).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");

        await stack.Influx.RestartAsync();
        await stack.WaitUntilDrainedAsync();
        await Eventually.TrueAsync(
            async () => (await (await client.AskAsync("/measurements?device=a")).ValuesAsync()) is [2, 1], "what was queued is read", InfluxStack.Patience);
    }

    [Fact]
    public async Task Retention_that_somebody_else_has_shortened_in_InfluxDB_is_in_answers_that_were_to_last()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("a", 1);
        var address = $"/measurements?device=a&{CachingSteps.Closed}";
        await Eventually.TrueAsync(async () => (await client.AskAsync(address)).CacheStatus().Contains("; hit", StringComparison.Ordinal), "it is cached");
        Assert.Equal([1], await (await client.AskAsync(address)).ValuesAsync());

        await stack.Influx.Client.QueryAsync("ALTER RETENTION POLICY \"autogen\" ON \"default\" DURATION 48h SHARD DURATION 24h");
        using (var buckets = await client.AskAsync("/admin/buckets"))
            Assert.Contains("48", await buckets.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.Empty(await (await client.AskAsync(address)).ValuesAsync());
    }

    [Fact]
    public async Task What_the_spool_brings_late_is_in_answers_that_were_to_last()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("a", 1);
        var address = $"/measurements?device=a&{CachingSteps.Closed}";
        Assert.Equal([1], await (await client.AskAsync(address)).ValuesAsync());

        await stack.Influx.StopAsync();
        using (var queued = await client.PostJsonAsync("/measurement", """{ "device": "a", "timestamp": "2020-01-15T12:00:00Z", "fields": { "value": 2 } }"""))
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        Assert.Equal([1], await (await client.AskAsync(address)).ValuesAsync());

        await stack.Influx.RestartAsync();
        await stack.WaitUntilDrainedAsync();
        using var fresh = await client.AskAsync(address);
        Assert.Equal([2], await fresh.ValuesAsync());
        Assert.StartsWith("IotBackend; fwd=miss", fresh.CacheStatus(), StringComparison.Ordinal);
    }
}
