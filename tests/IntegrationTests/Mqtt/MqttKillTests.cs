using System.Globalization;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>What is acknowledged is kept, whatever becomes of the program.</summary>
[Collection(AloneCollection.Name)]
public sealed class MqttKillTests(ITestOutputHelper output)
{
    private const int Rounds = 8;

    private static readonly MqttProtocolVersion[] Versions = [MqttProtocolVersion.V500, MqttProtocolVersion.V311];

    [Fact]
    public async Task Kill_in_the_middle_of_publishing_loses_nothing_that_was_acknowledged()
    {
        var port = FreePort.Next();
        await using var server = await StartAsync(port);
        var random = new Random(7);
        var ledgers = Enumerable.Range(0, Rounds).Select(round => new Ledger(round * Ledger.Numbers)).ToList();
        foreach (var (round, ledger) in ledgers.Index())
        {
            var publishing = Enumerable.Range(0, 8).Select(device => PublishUntilGoneAsync(port, server.AdminKey, ledger, $"round-{round}-device-{device}", Versions[device % 2])).ToList();
            await Eventually.TrueAsync(() => ledger.Acknowledged > 50, "messages are acknowledged");
            await Eventually.PauseAsync(TimeSpan.FromMilliseconds(random.Next(20, 500)));

            await server.KillAsync();

            await Task.WhenAll(publishing);
            await server.RestartAsync();
            var kept = await ledger.AssertKeptAsync(server.Client());
            output.WriteLine($"Round {round}: {ledger.Sent} sent, {ledger.Acknowledged} acknowledged, {kept} kept.");
        }

        foreach (var ledger in ledgers)
            await ledger.AssertKeptAsync(server.Client());
    }

    [Fact]
    public async Task End_of_the_program_answers_what_was_begun_and_sends_clients_away()
    {
        var port = FreePort.Next();
        await using var server = await StartAsync(port);
        var ledger = new Ledger();
        await using var idle = await MqttDevice.ConnectAsync(port, server.AdminKey);
        var publishing = Enumerable.Range(0, 8).Select(device => PublishUntilGoneAsync(port, server.AdminKey, ledger, $"device-{device}", Versions[device % 2])).ToList();
        await Eventually.TrueAsync(() => ledger.Acknowledged > 100, "messages are acknowledged");

        Assert.Equal(0, await server.StopAsync());

        await idle.ShouldEndAsync(MqttClientDisconnectReason.ServerShuttingDown);
        await Task.WhenAll(publishing);
        await server.RestartAsync();
        var kept = await ledger.AssertKeptAsync(server.Client());
        output.WriteLine($"{ledger.Sent} sent, {ledger.Acknowledged} acknowledged, {kept} kept.");

        // Each client had at most one message that was read by nobody any more.
        Assert.InRange(ledger.Sent - ledger.Acknowledged, 0, publishing.Count);
        Assert.Equal(ledger.Acknowledged, kept);
    }

    [Fact]
    public async Task Port_that_is_taken_and_tls_without_a_certificate_stop_the_start_with_one_line()
    {
        var port = FreePort.Next();
        await using var first = await StartAsync(port);
        using var folder = new TemporaryFolder();
        var text = port.ToString(CultureInfo.InvariantCulture);
        await AssertRefusedAsync(folder, "Configuration: Mqtt:Port: the server can not listen on 127.0.0.1:" + text, new() { ["Mqtt:Enabled"] = "true", ["Mqtt:Port"] = text });
        await AssertRefusedAsync(folder, "Configuration: Mqtt:Transport: TLS needs a certificate", new() { ["Mqtt:Enabled"] = "true", ["Mqtt:Transport"] = "Tls" });
        await AssertRefusedAsync(folder, "Mqtt:Address", new() { ["Mqtt:Enabled"] = "true", ["Mqtt:Address"] = "nowhere" });
        await AssertRefusedAsync(folder, "MaxPacketBytes", new() { ["Mqtt:Enabled"] = "true", ["Mqtt:MaxPacketBytes"] = "33554433" });
        await AssertRefusedAsync(folder, "MaxPacketBytes", new()
        {
            ["Mqtt:Enabled"] = "true", ["Measurements:Limits:BatchBytes"] = "65536", ["Overload:MaxBodyBytes"] = "1048576", ["Mqtt:MaxPacketBytes"] = "262145",
        });
        await AssertRefusedAsync(folder, "Mqtt:MaxClients", new() { ["Mqtt:MaxClients"] = "5" });
    }

    private static Task<IotServer> StartAsync(int port) => IotServer.StartAsync(new IotServerOptions
    {
        Settings = new Dictionary<string, string>
        {
            ["Mqtt:Enabled"] = "true", ["Mqtt:Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["Measurements:Embedded:MemtableBytes"] = "1048576", ["Measurements:Embedded:FlushSeconds"] = "1",
        },
    });

    private static async Task AssertRefusedAsync(string folder, string text, Dictionary<string, string> settings)
    {
        using var process = ServerProcess.Start(Path.Combine(folder, "data"), new IotServerOptions { Settings = settings });
        var code = await process.WaitForExitAsync();
        Assert.NotEqual(0, code);
        var line = Assert.Single(process.Output.Lines);
        Assert.Contains(text, line, StringComparison.Ordinal);
    }

    // As fast as it is acknowledged, until the server is gone.
    private static async Task PublishUntilGoneAsync(int port, string key, Ledger ledger, string name, MqttProtocolVersion version)
    {
        await using var device = await MqttDevice.ConnectAsync(port, key, options => options.WithProtocolVersion(version));
        for (var number = 0; ; number++)
        {
            var measurement = ledger.Send(name, number);
            try
            {
                if (!(await device.PublishAsync($"devices/{name}/measurements", measurement)).IsSuccess)
                    return;
            }
            catch (Exception exception) when (exception is MqttCommunicationException or OperationCanceledException)
            {
                return;
            }

            ledger.Acknowledge(name, number);
        }
    }
}
