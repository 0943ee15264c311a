using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Measurements that were queued, and that InfluxDB refuses when it is back, because their field has got another type meanwhile.</summary>
public sealed class InfluxRefusedTests
{
    private const string Name = "disputed";
    private const int Good = 20;

    [Fact]
    public async Task What_InfluxDB_refuses_is_set_aside_with_its_reason_and_the_rest_is_stored()
    {
        await using var stack = await InfluxStack.StartAsync();
        await DisputeAsync(stack, disputed: 3);

        var entry = Assert.Single(await Administration(stack).ListAsync());

        Assert.Equal(("default", "field_type_conflict", 3), (entry.Bucket, entry.Code, entry.Measurements));
        Assert.False(string.IsNullOrWhiteSpace(entry.Reason));
        Assert.Contains(Name, entry.Sample, StringComparison.Ordinal);
        Assert.Equal(Good, await stack.CountAsync("good", "v"));
        var health = await stack.HealthAsync();
        Assert.Equal(("degraded", "degraded", 3L, 0L), (health.Status, health.SpoolStatus, health.Refused, health.Depth));
    }

    [Fact]
    public async Task What_was_refused_is_stored_when_it_is_played_again_after_its_cause_is_gone()
    {
        await using var stack = await InfluxStack.StartAsync();
        await DisputeAsync(stack, disputed: 3);
        var administration = Administration(stack);

        // As long as the cause is there it is refused again, and stays.
        Assert.Equal(3, await administration.ReplayAsync());
        await Eventually.TrueAsync(async () => await administration.ListAsync() is [{ Measurements: 3 }], "it is refused again", InfluxStack.Patience);
        await stack.Influx.Client.QueryAsync($"DROP MEASUREMENT \"{Name}\"", InfluxStack.Database);
        var entry = Assert.Single(await administration.ListAsync());
        Assert.Equal(3, await administration.ReplayAsync(entry.Id));

        await stack.WaitUntilDrainedAsync();
        Assert.Equal(3, await stack.CountAsync(Name, "v"));
        Assert.Empty(await administration.ListAsync());
        await Eventually.TrueAsync(async () => (await stack.HealthAsync()).Status == "healthy", "all is well again", InfluxStack.Patience);
    }

    [Fact]
    public async Task What_was_refused_survives_a_kill_until_it_is_discarded()
    {
        await using var stack = await InfluxStack.StartAsync();
        await DisputeAsync(stack, disputed: 2);
        var before = await Administration(stack).ListAsync();

        await stack.Server.KillAsync();
        await stack.Server.RestartAsync();

        var administration = Administration(stack);
        Assert.Equal(before, await administration.ListAsync());
        Assert.Equal(2, await administration.DiscardAsync(before[0].Id));
        Assert.Empty(await administration.ListAsync());
        Assert.Equal(0, (await stack.HealthAsync()).Refused);
        Assert.Equal(0, await stack.CountAsync(Name, "w"));
    }

    private static SpoolAdministration Administration(InfluxStack stack) => new(stack.Server.Client());

    // While the program can not reach InfluxDB it takes numbers for a field that nobody has written; meanwhile InfluxDB gets a text in it.
    private static async Task DisputeAsync(InfluxStack stack, int disputed)
    {
        var client = stack.Server.Client();
        stack.Network.Refuse();
        for (var i = 0; i < Good; i++)
            await QueueAsync(client, "good", i);
        for (var i = 0; i < disputed; i++)
            await QueueAsync(client, Name, i);
        await stack.Influx.Client.WriteAsync(InfluxStack.Database, $"{Name},device=other v=\"text\" 1000000000");

        stack.Network.Heal();

        await Eventually.TrueAsync(async () => await stack.HealthAsync() is { Depth: 0 }, "the spool is drained", InfluxStack.Patience);
    }

    private static async Task QueueAsync(HttpClient client, string name, int number)
    {
        using var queued = await client.PostJsonAsync(
            Posting.One, $$$"""{"device":"d","name":"{{{name}}}","timestamp":{{{1000 + number}}},"fields":{"v":{{{number}}}}}""");
        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
    }
}
