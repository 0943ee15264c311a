using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// The listener for devices that speak MQTT. It takes messages and passes none on: subscriptions are refused, nothing is retained, no session is kept. A message
/// is acknowledged when its measurements are durable. At the end what was begun is finished and answered before clients are sent away.
/// </summary>
internal sealed partial class MqttService : IHostedService, IDisposable
{
    private const string ConnectionItem = "connection";

    // What a client may take in one packet at least, before it gets words.
    private const uint MinBytesForText = 1_024;
    private const int MaxTextLength = 300;

    // How long a client of version 3.1.1 is kept waiting before its connection ends without an acknowledgement, so that it does not come back at once.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly MqttServer _server;
    private readonly MqttListener _listener;
    private readonly ConnectionJudge _judge;
    private readonly MessageReceiver _receiver;
    private readonly MqttDrain _drain;
    private readonly TimeProvider _time;
    private readonly ILogger<MqttService> _logger;
    private readonly CancellationTokenSource _ending = new();

    public MqttService(
        MqttListener listener, ConnectionJudge judge, MessageReceiver receiver, MqttDrain drain, IOptions<MqttOptions> options, TimeProvider time, ILogger<MqttService> logger)
    {
        (_listener, _judge, _receiver, _drain, _time, _logger) = (listener, judge, receiver, drain, time, logger);
        var settings = new MqttServerOptionsBuilder().WithoutDefaultEndpoint().WithPersistentSessions(false)
            .WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(options.Value.ConnectSeconds))
            .WithMaxPendingMessagesPerClient(1).Build();
        _server = new MqttServerFactory().CreateMqttServer(settings, [listener]);
        _server.ValidatingConnectionAsync += ValidateAsync;
        _server.InterceptingPublishAsync += PublishAsync;
        _server.InterceptingSubscriptionAsync += RefuseSubscriptionAsync;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync();
        if (_listener.Plain is { } plain)
            Log.Listening(_logger, "mqtt", plain);
        if (_listener.Secure is { } secure)
            Log.Listening(_logger, "mqtts", secure);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_server.IsStarted)
            return;
        await _listener.CloseDoorsAsync();
        _drain.Begin();
        try
        {
            while (_listener.Connections.Any(connection => !connection.IsIdle))
                await Task.Delay(Look, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // There is no more time: what is not acknowledged is sent again.
        }

        await _ending.CancelAsync();

        // All at once: the library would wait for one after the other, also for those who take nothing.
        await Task.WhenAll(_listener.Connections.Select(connection => connection.CloseAsync(MqttDisconnectReasonCode.ServerShuttingDown, "The server ends.")));
        await _server.StopAsync(new MqttServerStopOptions
        {
            DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
        });
    }

    public void Dispose()
    {
        _server.Dispose();
        _ending.Dispose();
    }

    private async Task ValidateAsync(ValidatingConnectionEventArgs first)
    {
        var connection = (MqttConnection)first.ChannelAdapter;
        try
        {
            if (await _judge.JudgeAsync(first, connection) is not { } stay)
                return;
            first.SessionItems[ConnectionItem] = connection;
            connection.EndsWith(stay);
        }
#pragma warning disable CA1031 // Whatever was thrown becomes an answer without internals and a log line with them.
        catch (Exception exception)
        {
            Log.Failed(_logger, exception, ErrorCodes.InternalError, NewErrorId());
            first.ReasonCode = MqttConnectReasonCode.UnspecifiedError;
        }
#pragma warning restore CA1031
    }

    private async Task PublishAsync(InterceptingPublishEventArgs message)
    {
        // Never to others, whatever becomes of it.
        message.ProcessPublish = false;

        // The will of a client that is sent away because the program ends is none.
        if (_ending.IsCancellationRequested)
            return;
        if (message.SessionItems[ConnectionItem] is not MqttConnection connection)
            return;
        var outcome = await StoreAsync(connection, message.ApplicationMessage);
        MqttFigures.CountMessage(outcome.Error?.Code ?? MqttFigures.Accepted);
        if (outcome.Error is null && !outcome.IsPartial)
            return;
        var errorId = NewErrorId();
        Tell(message, outcome, errorId);
        if (connection.IsVersion5)
            Answer(message, connection, outcome, errorId);
        if (outcome.Error is { } error)
            await EndIfNeededAsync(message, connection, error);
    }

    private async Task<MessageOutcome> StoreAsync(MqttConnection connection, MqttApplicationMessage message)
    {
        try
        {
            return await _receiver.ReceiveAsync(connection, message, _ending.Token);
        }
#pragma warning disable CA1031 // The last line of defence, as at the edge of HTTP.
        catch (Exception exception)
        {
            Log.Failed(_logger, exception, ErrorCodes.InternalError, NewErrorId());
            return new MessageOutcome(ErrorStatus.Internal);
        }
#pragma warning restore CA1031
    }

    private static void Answer(InterceptingPublishEventArgs message, MqttConnection connection, MessageOutcome outcome, string errorId)
    {
        var response = message.Response;
        if (outcome.Error is { } error)
            response.ReasonCode = MessageAnswer.ReasonOf(error, outcome.IsTopic);

        // Whoever takes no words, or only small packets, gets the reason alone.
        if (connection.First is not { RequestProblemInformation: true } first || first.MaximumPacketSize is > 0 and < MinBytesForText)
            return;
        var text = outcome.Text!;
        response.ReasonString = text.Length > MaxTextLength ? text[..MaxTextLength] : text;
        response.UserProperties = [.. Describe(outcome, errorId).Select(pair => new MqttUserProperty(pair.Name, System.Text.Encoding.UTF8.GetBytes(pair.Value)))];
    }

    private static IEnumerable<(string Name, string Value)> Describe(MessageOutcome outcome, string errorId)
    {
        yield return ("error", outcome.Error?.Code ?? "partial");
        yield return ("errorId", errorId);
        if (outcome.Error?.RetryAfter is { } wait)
            yield return ("retryAfterSeconds", Text(Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds))));
        if (outcome.Stored is not { } stored)
            yield break;
        yield return ("accepted", Text(stored.Accepted));
        yield return ("rejected", Text(stored.Rejected));
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task EndIfNeededAsync(InterceptingPublishEventArgs message, MqttConnection connection, Error error)
    {
        if (MessageAnswer.ReasonToDisconnect(error) is { } reason)
        {
            message.CloseConnection = true;
            await connection.CloseAsync(reason, error.Message);
        }
        else if (!connection.IsVersion5 && MessageAnswer.Passes(error) && message.ApplicationMessage.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce)
        {
            // Without an acknowledgement, so that the client sends it again.
            var pause = error.RetryAfter ?? UsualPause;
            await PauseAsync(pause < LongestPause ? pause : LongestPause);
            message.CloseConnection = true;
            await connection.CloseAsync(MqttDisconnectReasonCode.UnspecifiedError, error.Message);
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The program ends, and the connection with it.
        }
    }

    private static Task RefuseSubscriptionAsync(InterceptingSubscriptionEventArgs subscription)
    {
        subscription.ProcessSubscription = false;
        var isVersion5 = subscription.SessionItems[ConnectionItem] is MqttConnection { IsVersion5: true };
        subscription.Response.ReasonCode = isVersion5 ? MqttSubscribeReasonCode.NotAuthorized : MqttSubscribeReasonCode.UnspecifiedError;
        return Task.CompletedTask;
    }

    private string NewErrorId() => Ulid.NewUlid(_time.GetUtcNow()).ToString();

    private void Tell(InterceptingPublishEventArgs message, MessageOutcome outcome, string errorId)
    {
        if (outcome.Error is null)
            Log.Partial(_logger, message.ClientId, outcome.Stored!.Accepted, outcome.Stored.Rejected, outcome.FirstFault?.Code, errorId);
        else if (outcome.Error.Kind is ErrorKind.Unavailable or ErrorKind.Timeout && outcome.Error.Code != ErrorCodes.Overloaded)
            Log.Failed(_logger, null, outcome.Error.Code, errorId);
        else
            Log.Refused(_logger, message.ClientId, outcome.Error.Code, errorId);
    }

    private static partial class Log
    {
        [LoggerMessage(115, LogLevel.Information, "Now listening on: {Scheme}://{Address}")]
        public static partial void Listening(ILogger logger, string scheme, System.Net.IPEndPoint address);

        [LoggerMessage(116, LogLevel.Error, "MQTT: a packet could not be handled: {Code}, error {ErrorId}")]
        public static partial void Failed(ILogger logger, Exception? exception, string code, string errorId);

        [LoggerMessage(117, LogLevel.Information, "MQTT: a message of {Client} was refused: {Code}, error {ErrorId}")]
        public static partial void Refused(ILogger logger, string client, string code, string errorId);

        [LoggerMessage(118, LogLevel.Information, "MQTT: of a message of {Client} {Accepted} measurements were stored and {Rejected} refused, the first as {Code}, error {ErrorId}")]
        public static partial void Partial(ILogger logger, string client, int accepted, int rejected, string? code, string errorId);
    }
}
