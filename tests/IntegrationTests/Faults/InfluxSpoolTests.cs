using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class InfluxSpoolTests
{
    private static readonly (string, string) Small = ("Measurements:Spool:MaxBytes", "1048576");

    private static readonly int[] BatchSizes = [1, 1, 50, 500];

    [Fact]
    public async Task Full_spool_is_told_and_passes_and_nothing_acknowledged_is_lost()
    {
        await using var stack = await InfluxStack.StartAsync(settings: Small);
        var ledger = new Ledger();
        await stack.Influx.StopAsync();

        await FillUpAsync(stack, ledger);

        Assert.Equal("degraded", (await stack.HealthAsync()).SpoolStatus);
        await stack.Influx.RestartAsync();
        await stack.AssertKeptAsync(ledger);
        using var stored = await new Poster(stack.Server.Client(), ledger, "after", batchSize: 500).PostAsync();
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Kill_with_a_full_spool_loses_nothing_that_was_acknowledged()
    {
        await using var stack = await InfluxStack.StartAsync(settings: Small);
        var ledger = new Ledger();
        await stack.Influx.KillAsync();
        await FillUpAsync(stack, ledger);

        await stack.Server.KillAsync();
        await stack.Server.RestartAsync();

        await FillUpAsync(stack, ledger);
        await stack.Server.KillAsync();
        await stack.Influx.RestartAsync();
        await stack.Server.RestartAsync();
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Health_tells_how_much_waits_and_for_how_long()
    {
        await using var stack = await InfluxStack.StartAsync();
        var healthy = await stack.HealthAsync();
        Assert.Equal(("healthy", "healthy", "healthy", 0L, 0.0, 0L), (healthy.Status, healthy.StoreStatus, healthy.SpoolStatus, healthy.Depth, healthy.OldestAgeSeconds, healthy.Refused));
        Assert.InRange(healthy.StoreLatencyMs!.Value, 0, 10_000);
        await stack.Influx.StopAsync();
        var poster = new Poster(stack.Server.Client(), new Ledger(), "d", batchSize: 5);

        using (await poster.PostAsync())
        using (await poster.PostAsync())
        {
            await Eventually.TrueAsync(async () => (await stack.HealthAsync()).Depth == 10, "health tells what waits", InfluxStack.Patience);
            var degraded = await stack.HealthAsync();
            Assert.Equal(("degraded", "degraded", "degraded", 10L), (degraded.Status, degraded.StoreStatus, degraded.SpoolStatus, degraded.Depth));
            await Eventually.PauseAsync(TimeSpan.FromSeconds(1.2));
            var later = await stack.HealthAsync();
            Assert.InRange(later.OldestAgeSeconds, degraded.OldestAgeSeconds + 1, degraded.OldestAgeSeconds + 20);
        }

        using var ready = await stack.Server.Anonymous().GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        await stack.Influx.RestartAsync();
        await Eventually.TrueAsync(async () => (await stack.HealthAsync()).Status == "healthy", "all is well again", InfluxStack.Patience);
        Assert.Equal(0, (await stack.HealthAsync()).OldestAgeSeconds);
    }

    [Fact]
    public async Task Measurements_of_several_buckets_find_their_places()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        string[] buckets = ["default", "one", "two/three"];
        foreach (var bucket in buckets.Skip(1))
        {
            using var rules = new StringContent("{}", Encoding.UTF8, "application/json");
            using var made = await client.PutAsync($"/admin/buckets/{Uri.EscapeDataString(bucket)}", rules, TestContext.Current.CancellationToken);
            Assert.True(made.IsSuccessStatusCode, $"{made.StatusCode}");
        }

        await stack.Influx.StopAsync();
        foreach (var (i, bucket) in buckets.Index())
        {
            using var queued = await client.PostJsonAsync(
                $"{Posting.One}?bucket={Uri.EscapeDataString(bucket)}", $$$"""{"device":"d","timestamp":1000,"fields":{"v":{{{i}}}}}""");
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        }

        await stack.Influx.RestartAsync();
        await stack.WaitUntilDrainedAsync();

        foreach (var (i, bucket) in buckets.Index())
        {
            var read = await client.ReadAllAsync($"bucket={Uri.EscapeDataString(bucket)}&from=0&to=5000", cancellationToken: TestContext.Current.CancellationToken)
                .ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal($"{i}", Assert.Single(read).Fields["v"]);
        }
    }

    /// <summary>Several clients post until each was told that there is no room.</summary>
    private static async Task FillUpAsync(InfluxStack stack, Ledger ledger)
    {
        var refusals = await stack.StartPosting(ledger, BatchSizes).EndAsync();
        Assert.Equal(BatchSizes.Length, refusals.Count);
        foreach (var refusal in refusals)
        {
            await refusal.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
            Assert.True(refusal.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), "Retry-After is missing.");
        }

        Assert.True(ledger.Acknowledged > 0, "The spool was full before anything was acknowledged.");
    }
}
