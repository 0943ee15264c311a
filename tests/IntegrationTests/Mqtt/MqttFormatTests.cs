using System.Globalization;
using MQTTnet;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>Every format of a batch as the payload of a message, and what a topic means for its measurements.</summary>
public sealed class MqttFormatTests
{
    private const long First = 1_795_466_640;
    private const string Lines = "application/vnd.influx.line-protocol";
    private const string Senml = "application/senml+json";
    private const string Ndjson = "application/x-ndjson";
    private const string Json = "application/json";

    /// <summary>The same two measurements of no device, in each format.</summary>
    private static readonly (string ContentType, string Payload)[] Payloads =
    [
        (Json, """[{"timestamp":"2026-11-23T20:44:00Z","fields":{"x":1.5}},{"timestamp":"2026-11-23T20:44:01Z","fields":{"x":2.5}}]"""),
        (Ndjson, "{\"timestamp\":\"2026-11-23T20:44:00Z\",\"fields\":{\"x\":1.5}}\n{\"timestamp\":\"2026-11-23T20:44:01Z\",\"fields\":{\"x\":2.5}}\n"),
        (Lines, "telemetry x=1.5 1795466640000000000\ntelemetry x=2.5 1795466641000000000"),
        ("text/plain; charset=utf-8", "# a comment\ntelemetry x=1.5 1795466640000000000\ntelemetry x=2.5 1795466641000000000\n"),
        (Senml, """[{"bt":1795466640,"n":"x","v":1.5},{"n":"x","t":1,"v":2.5}]"""),
    ];

    [Fact]
    public async Task Every_format_is_taken_by_its_content_type_and_the_device_is_that_of_the_topic()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        foreach (var (number, (contentType, payload)) in Payloads.Index())
        {
            var device = $"device-{number}";
            (await PublishAsync(server, "mqttv5", device, payload, contentType)).ShouldSucceed();
            await ShouldHoldBothAsync(server, device);
        }
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task Without_a_content_type_the_first_character_tells_the_format(string version)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        (await PublishAsync(server, version, "array", " \n" + Payloads[0].Payload)).ShouldSucceed();
        await ShouldHoldBothAsync(server, "array");
        (await PublishAsync(server, version, "lines", Payloads[2].Payload)).ShouldSucceed();
        await ShouldHoldBothAsync(server, "lines");
        (await PublishAsync(server, version, "comment", "\n" + Payloads[3].Payload)).ShouldSucceed();
        await ShouldHoldBothAsync(server, "comment");
        (await PublishAsync(server, version, "one", """{"timestamp":"2026-11-23T20:44:00Z","fields":{"x":1.5}}""")).ShouldSucceed();
        Assert.Equal("1.5", Assert.Single(await server.StoredAsync("&device=one")).Fields["x"]);
    }

    [Theory]
    [InlineData(Json, """[{"device":"a","fields":{"x":1}},{"device":"b","fields":{"x":2}}]""")]
    [InlineData(Ndjson, "{\"device\":\"b\",\"fields\":{\"x\":2}}\n{\"device\":\"a\",\"fields\":{\"x\":1}}")]
    [InlineData(Lines, "telemetry,device=a x=1 1795466640000000000\ntelemetry,device=b x=2 1795466640000000000")]
    [InlineData(Senml, """[{"n":"b/x","v":2},{"n":"a/x","v":1}]""")]
    public async Task What_names_another_device_than_the_topic_is_refused_item_by_item(string contentType, string payload)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);

        var partial = await device.PublishAsync("devices/a/measurements", payload, message => message.WithContentType(contentType));
        Assert.Equal(MqttClientPublishReasonCode.Success, partial.ReasonCode);
        Assert.Equal(("partial", "1", "1"), (Property(partial, "error"), Property(partial, "accepted"), Property(partial, "rejected")));
        Assert.Contains("device_mismatch", partial.ReasonString, StringComparison.Ordinal);
        var stored = Assert.Single(await server.StoredAsync());
        Assert.Equal(("a", "1"), (stored.Device, stored.Fields["x"]));

        var refused = await device.PublishAsync("devices/c/measurements", payload, message => message.WithContentType(contentType));
        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, refused.ReasonCode);
        await server.ShouldHoldAsync(1);
    }

    [Fact]
    public async Task Device_of_the_topic_is_no_tag_and_a_host_beside_it_is_one()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        (await PublishAsync(server, "mqttv5", "hall%2F7", "cpu,host=server-1,core=0 load=0.5")).ShouldSucceed();
        var stored = Assert.Single(await server.StoredAsync());
        Assert.Equal(("hall/7", "cpu", "0.5"), (stored.Device, stored.Name, stored.Fields["load"]));
        Assert.Equal(new Dictionary<string, string> { ["core"] = "0", ["host"] = "server-1" }, stored.Tags);
    }

    [Fact]
    public async Task Precision_is_a_user_property_and_another_one_than_it_may_be_stores_nothing()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        foreach (var (precision, factor) in new[] { ("s", 1L), ("ms", 1_000L), ("us", 1_000_000L), ("ns", 1_000_000_000L) })
        {
            var payload = string.Create(CultureInfo.InvariantCulture, $"telemetry x=1.5 {First * factor}\ntelemetry x=2.5 {(First + 1) * factor}");
            (await PublishAsync(server, "mqttv5", precision, payload, Lines, "-D", "publish", "user-property", "precision", precision)).ShouldSucceed();
            await ShouldHoldBothAsync(server, precision);
        }

        foreach (var wrong in new[] { "m", "S", "minutes" })
        {
            var run = await PublishAsync(server, "mqttv5", "wrong", "telemetry x=1.5 1", Lines, "-D", "publish", "user-property", "precision", wrong);
            Assert.True(run.HasReason(0x99), run.Output);
        }

        Assert.Empty(await server.StoredAsync("&device=wrong"));
    }

    [Theory]
    [InlineData(Ndjson, "{\"fields\":{\"x\":1}}\n{\n{\"fields\":{\"x\":2}}")]
    [InlineData(Lines, "telemetry x=1 1795466640000000000\ntelemetry x= 3\ntelemetry x=2 1795466641000000000")]
    public async Task Broken_line_is_told_and_the_others_are_stored(string contentType, string payload)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        var result = await device.PublishAsync("devices/a/measurements", payload, message => message.WithContentType(contentType));
        Assert.Equal(("partial", "2", "1"), (Property(result, "error"), Property(result, "accepted"), Property(result, "rejected")));
        await server.ShouldHoldAsync(2);
    }

    [Theory]
    [InlineData(Json, "[{]")]
    [InlineData(Senml, """{"n":"x","v":1}""")]
    [InlineData(Senml, """[{"n":"x","v":1}""")]
    [InlineData(Lines, "{\"fields\":{\"x\":1}}")]
    [InlineData(Ndjson, "")]
    [InlineData("application/json; charset=utf-16", "[]")]
    public async Task What_is_not_what_its_content_type_says_stores_nothing(string contentType, string payload)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        var result = await device.PublishAsync("devices/a/measurements", payload, message => message.WithContentType(contentType));
        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, result.ReasonCode);
        await server.ShouldHoldAsync(0);
    }

    private static string? Property(MqttClientPublishResult result, string name) => MqttAccessTests.Property(result, name);

    private static Task<MqttToolRun> PublishAsync(MqttServerUnderTest server, string version, string device, string payload, string? contentType = null, params string[] options) =>
        MqttTool.PublishAsync(
            server.Port, version, server.Program.AdminKey, $"devices/{device}/measurements", payload, contentType is null ? options : ["-D", "publish", "content-type", contentType, .. options]);

    private static async Task ShouldHoldBothAsync(MqttServerUnderTest server, string device)
    {
        var stored = await server.StoredAsync($"&device={device}");
        Assert.Equal(
            [(device, "telemetry", "2026-11-23T20:44:00Z", "1.5"), (device, "telemetry", "2026-11-23T20:44:01Z", "2.5")],
            stored.Select(one => (one.Device, one.Name, one.Timestamp, one.Fields["x"])));
        Assert.All(stored, one => Assert.Empty(one.Tags));
    }
}
