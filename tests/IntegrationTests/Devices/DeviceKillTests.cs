using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Devices;

public sealed class DeviceKillTests
{
    /// <summary>Flushes as often as the settings allow, so that the kill also comes in the middle of one.</summary>
    private static readonly IotServerOptions Busy = new()
    {
        Settings = new Dictionary<string, string> { ["Measurements:Embedded:MemtableBytes"] = "1048576", ["Measurements:Embedded:FlushSeconds"] = "1" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_kill_every_device_has_counted_what_was_stored()
    {
        await using var server = await IotServer.StartAsync(Busy);
        var ledger = new Ledger();
        for (var round = 0; round < 3; round++)
        {
            var isKilled = false;
            var posting = new[] { 1, 20, 300 }.Select(size => new Poster(server.Client(), ledger, $"round-{round}-size-{size}", size).PostUntilAsync(() => Volatile.Read(ref isKilled))).ToList();
            await Eventually.TrueAsync(() => ledger.Acknowledged > (round + 1) * 2_000, "measurements are acknowledged");
            await server.KillAsync();
            Volatile.Write(ref isKilled, true);
            await Task.WhenAll(posting);
            await server.RestartAsync();
        }

        var client = server.Client();
        var devices = (await client.GetFromJsonAsync<JsonElement>("/devices?limit=1000", Cancellation)).GetProperty("items").EnumerateArray().ToList();
        Assert.NotEmpty(devices);
        var counted = devices.Sum(device => device.GetProperty("measurements").GetInt64());
        Assert.Equal(await ledger.AssertKeptAsync(client), counted);
    }
}
