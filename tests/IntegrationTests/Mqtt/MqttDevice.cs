using System.Text;
using IotBackend.IntegrationTests.Hosting;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>A client that shows every reason it is given.</summary>
internal sealed class MqttDevice : IAsyncDisposable
{
    private readonly TaskCompletionSource<MqttClientDisconnectedEventArgs> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MqttDevice(IMqttClient client, MqttClientConnectResult connected)
    {
        (Client, Connected) = (client, connected);
        client.DisconnectedAsync += ended =>
        {
            _ended.TrySetResult(ended);
            return Task.CompletedTask;
        };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public IMqttClient Client { get; }

    /// <summary>How the server answered the first packet.</summary>
    public MqttClientConnectResult Connected { get; }

    public static async Task<MqttDevice> ConnectAsync(int port, string? key, Func<MqttClientOptionsBuilder, MqttClientOptionsBuilder>? change = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MqttProtocolVersion.V500).WithTimeout(Eventually.Patience);
        if (key is not null)
            options = options.WithCredentials("device", key);
        var connected = await client.ConnectAsync((change?.Invoke(options) ?? options).Build(), Cancel);
        return new MqttDevice(client, connected);
    }

    public Task<MqttClientPublishResult> PublishAsync(string topic, string payload, Func<MqttApplicationMessageBuilder, MqttApplicationMessageBuilder>? change = null) =>
        PublishAsync(topic, Encoding.UTF8.GetBytes(payload), change);

    public Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, Func<MqttApplicationMessageBuilder, MqttApplicationMessageBuilder>? change = null)
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        return Client.PublishAsync((change?.Invoke(message) ?? message).Build(), Cancel);
    }

    /// <summary>Fails unless the server ends the connection for this reason in time.</summary>
    public async Task ShouldEndAsync(MqttClientDisconnectReason reason, TimeSpan? within = null)
    {
        var ended = await _ended.Task.WaitAsync(within ?? Eventually.Patience, TimeProvider.System, Cancel);
        Assert.Equal(reason, ended.Reason);
    }

    public bool IsConnected => Client.IsConnected;

    public async ValueTask DisposeAsync()
    {
        await Client.TryDisconnectAsync();
        Client.Dispose();
    }
}
