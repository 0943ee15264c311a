using System.Net.Http.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>Who is let in, who stays, and what one client can do to another.</summary>
public sealed class MqttAccessTests
{
    private const string Topic = "devices/a/measurements";
    private const string Good = """{"device":"a","fields":{"x":1}}""";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refusals_at_the_door_name_their_reason()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await ConnectAsync(server, null));
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await ConnectAsync(server, AccessServer.NewToken()));
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await ConnectAsync(server, await server.Program.AddKeyAsync(key => key with { Networks = [new System.Net.IPNetwork(new System.Net.IPAddress([10, 0, 0, 0]), 8)] })));
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await ConnectAsync(server, await server.Program.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead })));
        var blocked = await server.Program.AddKeyAsync();
        await BlockAsync(server, "key", IdOf(blocked));
        Assert.Equal(MqttClientConnectResultCode.Banned, await ConnectAsync(server, blocked));
    }

    [Fact]
    public async Task Revoked_key_and_blocked_key_end_connections_at_once_and_others_stay()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var (revoked, blocked, old) = (await server.Program.AddKeyAsync(), await server.Program.AddKeyAsync(), await server.Program.AddKeyAsync());
        await using var first = await MqttDevice.ConnectAsync(server.Port, revoked);
        await using var second = await MqttDevice.ConnectAsync(server.Port, blocked);
        await using var third = await MqttDevice.ConnectAsync(server.Port, old, options => options.WithProtocolVersion(MqttProtocolVersion.V311));
        await using var stays = await MqttDevice.ConnectAsync(server.Port, await server.Program.AddKeyAsync());

        (await server.Admin.DeleteAsync($"/admin/keys/{IdOf(revoked)}", Cancel)).EnsureSuccessStatusCode();
        await first.ShouldEndAsync(MqttClientDisconnectReason.NotAuthorized, Soon);
        await BlockAsync(server, "key", IdOf(blocked));
        await second.ShouldEndAsync(MqttClientDisconnectReason.AdministrativeAction, Soon);
        (await server.Admin.DeleteAsync($"/admin/keys/{IdOf(old)}", Cancel)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => !third.IsConnected, "a client of version 3.1.1 is sent away as well", Soon);
        Assert.True((await stays.PublishAsync(Topic, Good)).IsSuccess);
    }

    [Fact]
    public async Task Permissions_that_change_hold_for_the_next_message()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var token = await server.Program.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
        await using var device = await MqttDevice.ConnectAsync(server.Port, token);
        Assert.True((await device.PublishAsync(Topic, Good)).IsSuccess);

        (await server.Admin.PatchAsJsonAsync($"/admin/keys/{IdOf(token)}", new { devices = new[] { "b" } }, Cancel)).EnsureSuccessStatusCode();

        var refused = await device.PublishAsync(Topic, Good);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, refused.ReasonCode);
        Assert.Equal("device_not_allowed", Property(refused, "error"));
        Assert.NotNull(Property(refused, "errorId"));
        Assert.True((await device.PublishAsync("devices/b/measurements", """{"device":"b","fields":{"x":1}}""")).IsSuccess);
    }

    [Fact]
    public async Task Client_identifier_of_another_key_is_taken_from_nobody_and_that_of_the_same_key_replaces_the_old_connection()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var (one, other) = (await server.Program.AddKeyAsync(), await server.Program.AddKeyAsync());
        await using var first = await MqttDevice.ConnectAsync(server.Port, one, options => options.WithClientId("device-1"));
        await using var second = await MqttDevice.ConnectAsync(server.Port, other, options => options.WithClientId("device-1"));
        Assert.True((await first.PublishAsync(Topic, Good)).IsSuccess);
        Assert.True((await second.PublishAsync(Topic, Good)).IsSuccess);

        await using var third = await MqttDevice.ConnectAsync(server.Port, one, options => options.WithClientId("device-1"));
        await first.ShouldEndAsync(MqttClientDisconnectReason.SessionTakenOver, Soon);
        Assert.True((await third.PublishAsync(Topic, Good)).IsSuccess);
        Assert.True(second.IsConnected);
    }

    [Fact]
    public async Task Connections_are_counted_by_key_and_altogether()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Mqtt:MaxConnections=3", "--Mqtt:MaxConnectionsPerKey=2");
        var (one, other) = (await server.Program.AddKeyAsync(), await server.Program.AddKeyAsync());
        await using var first = await MqttDevice.ConnectAsync(server.Port, one);
        await using var second = await MqttDevice.ConnectAsync(server.Port, one);
        Assert.Equal(MqttClientConnectResultCode.QuotaExceeded, await ConnectAsync(server, one));
        await using var third = await ConnectedAsync(server, other);
        Assert.Equal(MqttClientConnectResultCode.ServerBusy, await ConnectAsync(server, other));

        await second.DisposeAsync();
        await Eventually.TrueAsync(async () => await ConnectAsync(server, other) == MqttClientConnectResultCode.Success, "who has gone makes room");
    }

    [Fact]
    public async Task Will_is_stored_when_the_client_is_gone_without_a_word_and_not_when_it_says_good_bye()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        MqttClientOptionsBuilder WithWill(MqttClientOptionsBuilder options, string device) => options
            .WithWillTopic($"devices/{device}/measurements").WithWillPayload($$$"""{"device":"{{{device}}}","fields":{"online":false}}""");

        await using (await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => WithWill(options, "polite")))
        {
        }

        var rude = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => WithWill(options, "rude"));
        rude.Client.Dispose();

        await Eventually.TrueAsync(async () => (await server.StoredAsync("&device=rude")).Count == 1, "the will is stored");
        await server.ShouldHoldAsync(1);
    }

    // A connection that was refused a moment ago holds its place until the server has closed it.
    private static async Task<MqttDevice> ConnectedAsync(MqttServerUnderTest server, string key)
    {
        MqttDevice? connected = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var device = await MqttDevice.ConnectAsync(server.Port, key);
                if (device.Connected.ResultCode == MqttClientConnectResultCode.Success)
                {
                    connected = device;
                    return true;
                }

                Assert.Equal(MqttClientConnectResultCode.ServerBusy, device.Connected.ResultCode);
                await device.DisposeAsync();
                return false;
            },
            "a place is free");
        return connected!;
    }

    private static async Task<MqttClientConnectResultCode> ConnectAsync(MqttServerUnderTest server, string? key)
    {
        await using var device = await MqttDevice.ConnectAsync(server.Port, key);
        return device.Connected.ResultCode;
    }

    private static async Task BlockAsync(MqttServerUnderTest server, string kind, string value) =>
        (await server.Admin.PostAsJsonAsync("/admin/blocks", new { kind, value, reason = "test" }, Cancel)).EnsureSuccessStatusCode();

    internal static string? Property(MqttClientPublishResult result, string name) =>
        result.UserProperties?.Where(property => property.Name == name).Select(property => property.ReadValueAsString()).SingleOrDefault();

    private static string IdOf(string token)
    {
        Assert.True(ApiKeyToken.TryParse(token, out var id, out _));
        return id.ToString();
    }
}
