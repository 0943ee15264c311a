using System.Globalization;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>What an acknowledgement means while the InfluxDB behind the program is away.</summary>
public sealed class MqttInfluxTests
{
    private const int Batch = 500;

    private static readonly MqttProtocolVersion[] Versions = [MqttProtocolVersion.V500, MqttProtocolVersion.V311];

    [Fact]
    public async Task What_is_safe_in_the_spool_is_acknowledged_and_found_when_influxdb_is_back()
    {
        var port = FreePort.Next();
        await using var stack = await StartAsync(port);
        var ledger = new Ledger();
        await stack.Influx.StopAsync();
        foreach (var version in Versions)
        {
            await using var device = await ConnectAsync(stack, port, version);
            for (var from = 0; from < 20; from += 5)
                Assert.Equal(MqttClientPublishReasonCode.Success, (await PublishAsync(device, ledger, $"device-{version}", from, 5)).ReasonCode);
        }

        Assert.Equal(40, (await stack.HealthAsync()).Depth);

        // Also when the program is killed meanwhile.
        await stack.Server.KillAsync();
        await stack.Server.RestartAsync();
        await stack.Influx.RestartAsync();
        await stack.AssertKeptAsync(ledger);
        Assert.Equal(40, ledger.Acknowledged);
    }

    [Fact]
    public async Task What_finds_no_room_in_the_spool_is_not_acknowledged_and_stored_when_it_is_sent_again_later()
    {
        var port = FreePort.Next();
        await using var stack = await StartAsync(port, ("Measurements:Spool:MaxBytes", "1048576"));
        var ledger = new Ledger();
        await stack.Influx.StopAsync();
        int next;
        await using (var device = await ConnectAsync(stack, port, MqttProtocolVersion.V500))
            next = await FillUpAsync(device, ledger);

        await using (var old = await ConnectAsync(stack, port, MqttProtocolVersion.V311))
        {
            await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => PublishAsync(old, ledger, "old", 0, Batch));
            await Eventually.TrueAsync(() => !old.IsConnected, "the connection has ended");
        }

        await stack.Influx.RestartAsync();
        await stack.WaitUntilDrainedAsync();
        await using (var device = await ConnectAsync(stack, port, MqttProtocolVersion.V500))
            Assert.Equal(MqttClientPublishReasonCode.Success, (await PublishAsync(device, ledger, "full", next, Batch)).ReasonCode);
        await using (var old = await ConnectAsync(stack, port, MqttProtocolVersion.V311))
            Assert.True((await PublishAsync(old, ledger, "old", 0, Batch)).IsSuccess);
        await stack.AssertKeptAsync(ledger);
        Assert.Equal(next + (2 * Batch), ledger.Acknowledged);
    }

    private static Task<InfluxStack> StartAsync(int port, params IEnumerable<(string, string)> settings) =>
        InfluxStack.StartAsync(settings: [("Mqtt:Enabled", "true"), ("Mqtt:Port", port.ToString(CultureInfo.InvariantCulture)), .. settings]);

    private static Task<MqttDevice> ConnectAsync(InfluxStack stack, int port, MqttProtocolVersion version) =>
        MqttDevice.ConnectAsync(port, stack.Server.AdminKey, options => options.WithProtocolVersion(version));

    /// <summary>Publishes until there is no room.</summary>
    /// <returns>The first number that was refused.</returns>
    private static async Task<int> FillUpAsync(MqttDevice device, Ledger ledger)
    {
        for (var number = 0; ; number += Batch)
        {
            var result = await PublishAsync(device, ledger, "full", number, Batch);
            if (result.ReasonCode == MqttClientPublishReasonCode.Success)
                continue;
            Assert.True(number > 0, "The spool was full before anything was acknowledged.");
            Assert.Equal((MqttClientPublishReasonCode.ImplementationSpecificError, "storage_unavailable"), (result.ReasonCode, MqttAccessTests.Property(result, "error")));
            Assert.NotNull(MqttAccessTests.Property(result, "retryAfterSeconds"));
            Assert.True(device.IsConnected);
            return number;
        }
    }

    private static async Task<MqttClientPublishResult> PublishAsync(MqttDevice device, Ledger ledger, string name, int from, int count)
    {
        var numbers = Enumerable.Range(from, count).ToList();
        var result = await device.PublishAsync($"devices/{name}/measurements", $"[{string.Join(',', numbers.Select(number => ledger.Send(name, number)))}]");
        if (result.IsSuccess)
            numbers.ForEach(number => ledger.Acknowledge(name, number));
        return result;
    }
}
