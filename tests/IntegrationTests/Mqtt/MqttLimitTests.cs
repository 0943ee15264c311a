using System.Net;
using System.Net.Sockets;
using System.Text;
using IotBackend.Api.Mqtt;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Formatter;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>What is offered, how large and how slow things may be, and what a hostile client can do.</summary>
public sealed class MqttLimitTests
{
    private const string Topic = "devices/a/measurements";
    private const string Good = """{"device":"a","fields":{"x":1}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_answer_tells_what_is_offered()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Mqtt:MaxPacketBytes=5000", "--Mqtt:MaxInFlight=7", "--Mqtt:MaxKeepAliveSeconds=90");
        await using var device = await MqttDevice.ConnectAsync(
            server.Port, server.Program.AdminKey, options => options.WithCleanStart(false).WithSessionExpiryInterval(1_000).WithKeepAlivePeriod(TimeSpan.FromSeconds(1_000)));
        var offer = device.Connected;
        Assert.Equal((false, 0u, 5_000u, (ushort)7, (ushort)90), (offer.IsSessionPresent, offer.SessionExpiryInterval, offer.MaximumPacketSize, offer.ReceiveMaximum, offer.ServerKeepAlive));
        Assert.Equal((false, false, false, false), (offer.RetainAvailable, offer.WildcardSubscriptionAvailable, offer.SharedSubscriptionAvailable, offer.SubscriptionIdentifiersAvailable));
        Assert.Equal(MqttConnection.MaxTopicAliases, offer.TopicAliasMaximum);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Packet_at_the_limit_is_stored_and_one_byte_more_ends_the_connection(MqttProtocolVersion version)
    {
        const int limit = 5_000;
        await using var server = await MqttServerUnderTest.StartAsync($"--Mqtt:MaxPacketBytes={limit}");
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => options.WithProtocolVersion(version));

        // Header with a length of two bytes, topic with its length, identifier of the packet, and in version 5 no properties.
        var around = 3 + 2 + Topic.Length + 2 + (version == MqttProtocolVersion.V500 ? 1 : 0);
        Assert.True((await device.PublishAsync(Topic, Padded(limit - around))).IsSuccess);
        await server.ShouldHoldAsync(1);

        await Assert.ThrowsAnyAsync<Exception>(() => device.PublishAsync(Topic, Padded(limit - around + 1)));
        if (version == MqttProtocolVersion.V500)
            await device.ShouldEndAsync(MqttClientDisconnectReason.PacketTooLarge);
        await Eventually.TrueAsync(() => !device.IsConnected, "the connection has ended");
        await server.ShouldHoldAsync(1);
    }

    [Fact]
    public async Task Batch_may_hold_so_many_measurements_and_bytes_as_by_http()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Measurements:Limits:BatchMeasurements=3", "--Measurements:Limits:BatchBytes=65536");
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        Assert.True((await device.PublishAsync(Topic, $"[{Good},{Good},{Good}]")).IsSuccess);
        var many = await device.PublishAsync(Topic, $"[{Good},{Good},{Good},{Good}]");
        Assert.Equal((MqttClientPublishReasonCode.PayloadFormatInvalid, "batch_too_large"), (many.ReasonCode, MqttAccessTests.Property(many, "error")));
        Assert.True((await device.PublishAsync(Topic, Padded(65_536))).IsSuccess);
        var large = await device.PublishAsync(Topic, Padded(65_537));
        Assert.Equal((MqttClientPublishReasonCode.PayloadFormatInvalid, "batch_too_large"), (large.ReasonCode, MqttAccessTests.Property(large, "error")));
    }

    [Fact]
    public async Task Good_measurements_of_a_message_are_stored_and_the_acknowledgement_tells_of_the_others()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        var result = await device.PublishAsync(Topic, """[{"device":"a","fields":{"x":1}},{"device":"a","fields":{}},{"device":"b","fields":{"x":1}}]""");
        Assert.Equal(MqttClientPublishReasonCode.Success, result.ReasonCode);
        Assert.Equal(("partial", "1", "2"), (MqttAccessTests.Property(result, "error"), MqttAccessTests.Property(result, "accepted"), MqttAccessTests.Property(result, "rejected")));
        Assert.Contains("no_fields", result.ReasonString, StringComparison.Ordinal);
        await server.ShouldHoldAsync(1);

        await using var silent = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => options.WithRequestProblemInformation(false));
        var short1 = await silent.PublishAsync(Topic, "{");
        Assert.Equal((MqttClientPublishReasonCode.PayloadFormatInvalid, null), (short1.ReasonCode, short1.ReasonString));
        Assert.Empty(short1.UserProperties ?? []);
    }

    [Fact]
    public async Task Topic_aliases_are_kept_up_to_a_number()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        Assert.True((await device.PublishAsync(Topic, Good, message => message.WithTopicAlias(MqttConnection.MaxTopicAliases))).IsSuccess);
        Assert.True((await device.PublishAsync(string.Empty, Good, message => message.WithTopicAlias(MqttConnection.MaxTopicAliases))).IsSuccess);
        await server.ShouldHoldAsync(2);

        await Assert.ThrowsAnyAsync<Exception>(() => device.PublishAsync(Topic, Good, message => message.WithTopicAlias(MqttConnection.MaxTopicAliases + 1)));
        await device.ShouldEndAsync(MqttClientDisconnectReason.TopicAliasInvalid);
    }

    [Fact]
    public async Task Retained_message_is_stored_and_not_retained()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => options.WithProtocolVersion(MqttProtocolVersion.V311));
        Assert.True((await device.PublishAsync(Topic, Good, message => message.WithRetainFlag(true))).IsSuccess);
        await server.ShouldHoldAsync(1);
    }

    [Fact]
    public async Task Version_3_1_and_enhanced_authentication_are_refused()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var old = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => options.WithProtocolVersion(MqttProtocolVersion.V310));
        Assert.Equal(MqttClientConnectResultCode.UnsupportedProtocolVersion, old.Connected.ResultCode);
        await using var enhanced = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey, options => options.WithEnhancedAuthentication("SCRAM", [1]));
        Assert.Equal(MqttClientConnectResultCode.BadAuthenticationMethod, enhanced.Connected.ResultCode);
    }

    [Fact]
    public async Task Who_says_nothing_or_too_little_is_cut_off()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Mqtt:ConnectSeconds=0.5", "--Mqtt:PacketSeconds=0.5", "--Mqtt:MaxKeepAliveSeconds=1");
        using var silent = await OpenAsync(server.Port);
        Assert.Equal(0, await silent.ReceiveAsync(new byte[1], Cancel).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel));

        using var half = await OpenAsync(server.Port);
        await half.SendAsync(ConnectPacket(server.Program.AdminKey), Cancel);
        Assert.Equal(4, await half.ReceiveAsync(new byte[4], Cancel));
        await half.SendAsync(new byte[] { 0x32, 100, 0 }, Cancel);
        Assert.Equal(0, await half.ReceiveAsync(new byte[1], Cancel).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel));

        // With a keep-alive of 0, which is none.
        using var idle = await OpenAsync(server.Port);
        await idle.SendAsync(ConnectPacket(server.Program.AdminKey), Cancel);
        Assert.Equal(4, await idle.ReceiveAsync(new byte[4], Cancel));
        Assert.Equal(0, await idle.ReceiveAsync(new byte[1], Cancel).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel));
    }

    [Fact]
    public async Task Address_has_so_many_connections_that_are_not_let_in_yet_and_one_more_is_closed()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Mqtt:MaxUnknownPerAddress=2", "--Mqtt:ConnectSeconds=300");
        using var first = await OpenAsync(server.Port);
        using var second = await OpenAsync(server.Port);
        using var third = await OpenAsync(server.Port);
        await ShouldBeClosedAsync(third);

        // Who was let in has left the place free: the next one that says nothing gets it, and the one after it does not.
        await first.SendAsync(ConnectPacket(server.Program.AdminKey), Cancel);
        Assert.Equal(4, await first.ReceiveAsync(new byte[4], Cancel));
        using var fourth = await OpenAsync(server.Port);
        using var fifth = await OpenAsync(server.Port);
        await ShouldBeClosedAsync(fifth);

        // So does who has gone, and who was refused.
        second.Dispose();
        await fourth.SendAsync(ConnectPacket("nobodys"), Cancel);
        Assert.Equal(4, await fourth.ReceiveAsync(new byte[4], Cancel));
        await ShouldBeClosedAsync(fourth);
        await Eventually.TrueAsync(() => server.Program.Services.GetRequiredService<MqttListener>().Connections.Count == 1, "only the first is left");
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        await using var other = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        await using var last = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        Assert.True((await last.PublishAsync(Topic, Good)).IsSuccess);
        Assert.Contains(server.Program.LogLines, line => line.Contains("MaxUnknownPerAddress", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Largest_packet_needs_room_only_where_there_are_packets()
    {
        string[] small = ["--Measurements:Limits:BatchBytes=65536", "--Overload:MaxBodyBytes=1048576"];
        await using var without = await AccessServer.StartAsync(null, small);
        await using var fitting = await MqttServerUnderTest.StartAsync([.. small, "--Mqtt:MaxPacketBytes=262144"]);
    }

    [Fact]
    public async Task What_is_no_mqtt_ends_its_connection_and_no_other()
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        await using var device = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        var random = new Random(7);
        byte[][] nonsense =
        [
            "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [0x16, 3, 1, 2, 0, 1], [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x10, 0], [0x30, 2, 0, 0], [0, 0], [0xFF, 0xFF, 0xFF, 0x7F], [0x10, 0xFF, 0xFF, 0xFF, 0x7F],
            .. Enumerable.Range(0, 50).Select(_ =>
            {
                var bytes = new byte[random.Next(1, 200)];
                random.NextBytes(bytes);
                return bytes;
            }),
        ];
        foreach (var bytes in nonsense)
        {
            using var socket = await OpenAsync(server.Port);
            await socket.SendAsync(bytes, Cancel);
            socket.Shutdown(SocketShutdown.Send);
            try
            {
                while (await socket.ReceiveAsync(new byte[64], Cancel).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // A reset is an end as well.
            }
        }

        Assert.True((await device.PublishAsync(Topic, Good)).IsSuccess);
        Assert.DoesNotContain(server.Program.LogLines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_that_takes_no_answers_is_read_no_further()
    {
        await using var server = await MqttServerUnderTest.StartAsync("--Mqtt:PacketSeconds=2");
        using var socket = await OpenAsync(server.Port);
        socket.ReceiveBufferSize = 2_048;
        await socket.SendAsync(ConnectPacket(server.Program.AdminKey), Cancel);
        Assert.Equal(4, await socket.ReceiveAsync(new byte[4], Cancel));
        var pings = Enumerable.Repeat(new byte[] { 0xC0, 0 }, 32_768).SelectMany(ping => ping).ToArray();
        var sent = 0L;
        try
        {
            for (var i = 0; i < 2_000; i++)
                sent += await socket.SendAsync(pings, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Cancel);
        }
        catch (Exception exception) when (exception is TimeoutException or SocketException)
        {
            // Nothing more is read: what was sent lies in the buffers of the network.
        }

        Assert.InRange(sent, 1, 50L << 20);
        Assert.True(server.Program.Services.GetRequiredService<MqttListener>().Connections.Count <= 1);
        await using var other = await MqttDevice.ConnectAsync(server.Port, server.Program.AdminKey);
        Assert.True((await other.PublishAsync(Topic, Good)).IsSuccess);
    }

    private static async Task<Socket> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Cancel);
        return socket;
    }

    private static async Task ShouldBeClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancel).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel));
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }

    // Version 3.1.1, a clean session, user name and password, no keep-alive.
    private static byte[] ConnectPacket(string key)
    {
        byte[] body = [0, 4, .. "MQTT"u8, 4, 0xC2, 0, 0, 0, 1, (byte)'c', 0, 1, (byte)'u', 0, (byte)key.Length, .. Encoding.ASCII.GetBytes(key)];
        return [0x10, (byte)body.Length, .. body];
    }

    // A measurement of exactly so many bytes.
    private static byte[] Padded(int bytes) => Encoding.ASCII.GetBytes(Good.PadRight(bytes));
}
