using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Hosting;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>How many new series a key may bring holds for messages as for requests.</summary>
public sealed class MqttSeriesLimitTests
{
    private const string Topic = "devices/a/measurements";

    [Fact]
    public async Task Third_new_series_is_stored_and_the_fourth_exceeds_the_quota()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--SeriesLimits:NewSeriesPerHour=3");
        await using var device = await MqttDevice.ConnectAsync(server.Port, await KeyAsync(server));
        Assert.Equal(MqttClientPublishReasonCode.Success, (await device.PublishAsync(Topic, $"[{Item("x")},{Item("y")}]")).ReasonCode);

        // The third of one message is taken, the fourth of it is not.
        var partial = await device.PublishAsync(Topic, $"[{Item("z")},{Item("w")}]");
        Assert.Equal(MqttClientPublishReasonCode.Success, partial.ReasonCode);
        Assert.Equal(("partial", "1", "1"), (Property(partial, "error"), Property(partial, "accepted"), Property(partial, "rejected")));
        Assert.Contains("series_limit_exceeded", partial.ReasonString, StringComparison.Ordinal);

        var refused = await device.PublishAsync(Topic, Item("w"));
        Assert.Equal((MqttClientPublishReasonCode.QuotaExceeded, "series_limit_exceeded"), (refused.ReasonCode, Property(refused, "error")));
        Assert.InRange(int.Parse(Property(refused, "retryAfterSeconds")!, System.Globalization.CultureInfo.InvariantCulture), 1, 3_600);

        // What is known goes on, on the same connection.
        Assert.Equal(MqttClientPublishReasonCode.Success, (await device.PublishAsync(Topic, Item("z"))).ReasonCode);
    }

    [Fact]
    public async Task In_version_3_a_series_too_many_is_not_acknowledged_and_what_is_known_is_after_coming_back()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--SeriesLimits:NewSeriesPerHour=1");
        var key = await KeyAsync(server);
        await using (var device = await ConnectAsync(server, key))
        {
            Assert.True((await device.PublishAsync(Topic, Item("x"))).IsSuccess);
            await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => device.PublishAsync(Topic, Item("y")));
            await Eventually.TrueAsync(() => !device.IsConnected, "the connection has ended");
        }

        await using var again = await ConnectAsync(server, key);
        Assert.True((await again.PublishAsync(Topic, Item("x"))).IsSuccess);
        Assert.DoesNotContain(await server.StoredAsync(), measurement => measurement.Tags["t"] == "y");
    }

    private static Task<MqttDevice> ConnectAsync(MqttServerUnderTest server, string key) =>
        MqttDevice.ConnectAsync(server.Port, key, options => options.WithProtocolVersion(MqttProtocolVersion.V311));

    private static Task<string> KeyAsync(MqttServerUnderTest server) =>
        server.Program.AddKeyAsync(key => key with { Tier = "standard", Scopes = Scopes.MeasurementsWrite });

    // Of a series of its own: a device with a tag.
    private static string Item(string tag) => $$$"""{"tags":{"t":"{{{tag}}}"},"fields":{"value":1}}""";

    private static string? Property(MqttClientPublishResult result, string name) => MqttAccessTests.Property(result, name);
}
