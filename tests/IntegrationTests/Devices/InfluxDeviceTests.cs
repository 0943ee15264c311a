using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Devices;

public sealed class InfluxDeviceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_queued_counts_and_the_list_goes_on_while_InfluxDB_is_down()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("d", 1);
        stack.Network.Refuse();
        using (var queued = await client.PostJsonAsync(Posting.One, """{"device":"d","timestamp":5,"fields":{"value":2}}"""))
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);

        Assert.Equal([("d", 2L)], await DevicesAsync(client));
        await (await client.GetAsync("/devices/d", Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
    }

    [Fact]
    public async Task After_a_kill_counts_are_there_that_are_older_than_some_seconds()
    {
        await using var stack = await InfluxStack.StartAsync();
        for (var i = 0; i < 5; i++)
            await stack.Server.Client().StoreAsync("d", i, $"2020-01-15T12:00:0{i}Z");
        await Eventually.PauseAsync(TimeSpan.FromSeconds(5));
        await stack.Server.KillAsync();
        await stack.Server.RestartAsync();

        Assert.Equal([("d", 5L)], await DevicesAsync(stack.Server.Client()));
    }

    [Fact]
    public async Task What_was_written_past_the_program_or_before_an_upgrade_is_found()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("counted", 1);
        await stack.Server.StopAsync();
        await stack.Influx.Client.WriteAsync(InfluxStack.Database, "telemetry,device=old value=1 1000000000\ntelemetry,device=old value=2 3000000000\nother,device=old,t=x a=1,b=2 2000000000\n");
        await stack.Server.RestartAsync();
        client = stack.Server.Client();

        await Eventually.TrueAsync(async () => (await DevicesAsync(client)).Count == 2, "the device is found", InfluxStack.Patience);

        var old = await client.GetFromJsonAsync<JsonElement>("/devices/old", Cancellation);
        Assert.Equal(("1970-01-01T00:00:01Z", "1970-01-01T00:00:03Z", 3), (old.Text("firstSeen"), old.Text("lastSeen"), old.GetProperty("measurements").GetInt64()));
        Assert.Equal(["other", "telemetry"], old.GetProperty("series").EnumerateArray().Select(series => series.Text("name")));
    }

    private static async Task<IReadOnlyList<(string, long)>> DevicesAsync(HttpClient client) =>
    [
        .. (await client.GetFromJsonAsync<JsonElement>("/devices", Cancellation)).GetProperty("items").EnumerateArray()
            .Select(device => (device.Text("device")!, device.GetProperty("measurements").GetInt64())),
    ];
}
