using System.Net.Http.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>What the clients of Mosquitto do and are told, in both versions of the protocol.</summary>
public sealed class MosquittoTests
{
    private const string Topic = "devices/a/measurements";
    private const string Good = """{"device":"a","timestamp":"2026-11-23T20:44:00Z","fields":{"x":1.5}}""";

    public static TheoryData<string> Versions => [.. MqttTool.Versions];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Message_is_stored_once_it_is_acknowledged_and_counted_as_usage(string version)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var token = await server.Program.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite });

        (await MqttTool.PublishAsync(server.Port, version, token, Topic, Good)).ShouldSucceed();

        var stored = Assert.Single(await server.StoredAsync());
        Assert.Equal(("a", "telemetry", "2026-11-23T20:44:00Z", "1.5"), (stored.Device, stored.Name, stored.Timestamp, stored.Fields["x"]));
        Assert.True(ApiKeyToken.TryParse(token, out var id, out _));
        var usage = await server.Admin.GetFromJsonAsync<System.Text.Json.Nodes.JsonNode>($"/admin/keys/{id}/usage", Cancel);
        var hour = usage!["hours"]![0]!;

        Assert.Equal((1, 1, Good.Length, 0), ((int)hour["requests"]!, (int)hour["measurements"]!, (int)hour["bytes"]!, (int)hour["rejected"]!));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Arrays_and_the_bucket_of_the_topic_are_taken_and_qos_0_and_2_as_well(string version)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        (await server.Admin.PutAsJsonAsync("/admin/buckets/plant", new { description = "test" }, Cancel)).EnsureSuccessStatusCode();
        (await MqttTool.PublishAsync(server.Port, version, server.Program.AdminKey, "buckets/plant/devices/a/measurements", $"[{Good}]")).ShouldSucceed();
        Assert.Single(await server.StoredAsync("&bucket=plant"));

        foreach (var qos in new[] { "0", "2" })
        {
            var run = await MqttTool.PublishAsync(server.Port, version, server.Program.AdminKey, $"devices/q{qos}/measurements", $$$"""{"device":"q{{{qos}}}","fields":{"x":1}}""", "-q", qos);
            Assert.Equal(0, run.ExitCode);
            if (qos == "2")
                run.ShouldTell("received PUBCOMP");
            await Eventually.TrueAsync(async () => (await server.StoredAsync($"&device=q{qos}")).Count == 1, "the message is stored");
        }
    }

    [Theory]
    [InlineData("mqttv311", "not authori")]
    [InlineData("mqttv5", "not authori")]
    public async Task Wrong_key_none_and_one_that_may_not_write_are_refused(string version, string text)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        string?[] keys = [null, "no key", AccessServer.NewToken(), AccessServer.WithOtherSecret(server.Program.AdminKey), await server.Program.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead })];
        foreach (var key in keys)
        {
            var run = await MqttTool.PublishAsync(server.Port, version, key, Topic, Good);
            Assert.NotEqual(0, run.ExitCode);
            Assert.True(run.Output.Contains(text, StringComparison.OrdinalIgnoreCase) || run.Output.Contains("bad user name or password", StringComparison.OrdinalIgnoreCase), run.Output);
        }

        await server.ShouldHoldAsync(0);
    }

    [Fact]
    public async Task Reasons_of_version_5_name_the_cause()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--RateLimits:Tiers:few:Requests=1", "--RateLimits:Tiers:few:WindowSeconds=60");
        var own = await server.Program.AddKeyAsync(key => key with { Devices = [DevicePattern.Parse("own")] });
        var few = await server.Program.AddKeyAsync(key => key with { Tier = "few" });

        Assert.True((await PublishAsync(own, Topic, Good)).HasReason(0x87));
        Assert.True((await PublishAsync(own, "devices/own/measurements", Good)).HasReason(0x99), "An item of another device than that of the topic.");
        Assert.True((await PublishAsync(server.Program.AdminKey, "device/a", Good)).HasReason(0x90));
        Assert.True((await PublishAsync(server.Program.AdminKey, "buckets/nowhere/devices/a/measurements", Good)).HasReason(0x90));
        Assert.True((await PublishAsync(server.Program.AdminKey, Topic, "{\"device\":")).HasReason(0x99));
        Assert.True((await PublishAsync(server.Program.AdminKey, Topic, Good, "-D", "publish", "content-type", "image/png")).HasReason(0x99));
        (await PublishAsync(few, Topic, Good)).ShouldSucceed();
        Assert.True((await PublishAsync(few, Topic, Good)).HasReason(0x97));
        await server.ShouldHoldAsync(1);

        Task<MqttToolRun> PublishAsync(string key, string topic, string payload, params string[] options) => MqttTool.PublishAsync(server.Port, "mqttv5", key, topic, payload, options);
    }

    [Fact]
    public async Task Content_type_and_bucket_are_taken_from_properties()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        (await server.Admin.PutAsJsonAsync("/admin/buckets/plant", new { description = "test" }, Cancel)).EnsureSuccessStatusCode();
        (await MqttTool.PublishAsync(
            server.Port, "mqttv5", server.Program.AdminKey, Topic, Good, "-D", "publish", "content-type", "application/json", "-D", "publish", "user-property", "bucket", "plant")).ShouldSucceed();
        Assert.Single(await server.StoredAsync("&bucket=plant"));
        await server.ShouldHoldAsync(0);

        var other = await MqttTool.PublishAsync(
            server.Port, "mqttv5", server.Program.AdminKey, "buckets/other/devices/a/measurements", Good, "-D", "publish", "user-property", "bucket", "plant");
        Assert.True(other.HasReason(0x99), other.Output);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Nothing_can_be_subscribed_to(string version)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        foreach (var topic in new[] { Topic, "#", "$SYS/#" })
        {
            var run = await MqttTool.SubscribeAsync(server.Port, version, server.Program.AdminKey, topic);
            run.ShouldTell("All subscription requests were denied");
        }
    }

    [Fact]
    public async Task In_version_3_what_will_never_be_stored_is_acknowledged_and_logged_so_that_it_is_not_sent_for_ever()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var run = await MqttTool.PublishAsync(server.Port, "mqttv311", server.Program.AdminKey, Topic, "{");
        Assert.True(run.IsAcknowledged, run.Output);
        await server.ShouldHoldAsync(0);
        Assert.Contains(server.Program.LogLines, line => line.Contains("was refused: invalid_json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_version_3_what_may_be_stored_later_is_not_acknowledged_and_the_connection_ends()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--RateLimits:Tiers:few:Requests=2", "--RateLimits:Tiers:few:WindowSeconds=3");
        var few = await server.Program.AddKeyAsync(key => key with { Tier = "few" });

        // Two are stored; the client comes back until the window has moved on, and nothing is lost.
        var lines = string.Join('\n', Enumerable.Range(0, 4).Select(i => $$$"""{"device":"a","timestamp":"2026-11-23T20:44:0{{{i}}}Z","fields":{"x":{{{i}}}}}"""));
        var run = await MqttTool.PublishLinesAsync(server.Port, "mqttv311", few, Topic, lines);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["0", "1", "2", "3"], (await server.StoredAsync()).Select(measurement => measurement.Fields["x"]));
        Assert.Contains(server.Program.LogLines, line => line.Contains("was refused: rate_limit_exceeded", StringComparison.Ordinal));
    }
}
