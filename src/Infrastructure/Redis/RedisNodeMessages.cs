using System.Buffers.Binary;
using System.Collections.Concurrent;
using IotBackend.Application.Monitoring;
using IotBackend.Application.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// Messages between nodes by publish and subscribe, a channel a topic. Redis promises nothing about them, so this node listens whether its own
/// come back: what it might have missed it tells its subscribers, and what it could not send it tells the other nodes. When another falls silent
/// without taking leave, what that one could not tell counts as missed as well.
/// </summary>
internal sealed partial class RedisNodeMessages : BackgroundService, INodeMessages
{
    private const string PresenceTopic = "presence";
    private const int BeatsOfPresence = 5;

    private static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan SubscribePatience = TimeSpan.FromSeconds(1);

    // The first byte is the version of what is told about presence.
    private static readonly byte[] Here = [1, 0];
    private static readonly byte[] Leaving = [1, 1];

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Guid _node = Guid.NewGuid();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, NodeTopic> _topics = new(StringComparer.Ordinal);
    private readonly NodeMessageSender _sender;
    private readonly NodePeers _peers;
    private readonly NodeTopic _own;
    private readonly NodeTopic _presence;
    private long _beat;
    private long _brokenAt;
    private long _heardAt;
    private long _notUnderstood;
    private int _breaks;
    private bool _isMending;
    private volatile bool _isWhole;

    public RedisNodeMessages(RedisConnection connection, IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisNodeMessages> logger)
    {
        (_connection, _time, _logger) = (connection, time, logger);
        _sender = new NodeMessageSender(connection, options.Value.KeyPrefix + "nodes:", _node, time);
        _peers = new NodePeers(time);
        _own = TopicOf("beat-" + _node.ToString("N"));
        _presence = TopicOf(PresenceTopic);
        _connection.Interrupted += Break;
    }

    /// <summary>Another node fell silent, or its silence has ended: it may have made changes that nobody was told of.</summary>
    public event Action? PeerMissed;

    public bool IsConnected => _isWhole && _connection.Answers && _peers.AreHeard;

    /// <summary>False while another node is silent that has not taken leave.</summary>
    public bool HearsPeers => _peers.AreHeard;

    /// <summary>Messages of this node that were not sent.</summary>
    public long Dropped => _sender.Dropped;

    /// <summary>Messages that came in a format of which this version knows nothing.</summary>
    public long NotUnderstood => Interlocked.Read(ref _notUnderstood);

    // Copied, because it is sent later.
    public void Publish(string topic, ReadOnlyMemory<byte> message, bool canWait = false) =>
        _sender.Send(topic, NodeMessageKind.Message, message.ToArray(), canWait);

    public IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed) => TopicOf(topic).Add(received, missed);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // Who has something left to tell does not take leave: the others are to count it as missed.
        _sender.TellUnsent();
        if (_sender.HasToldAll)
            _sender.Send(PresenceTopic, NodeMessageKind.Beat, Leaving);
        _sender.Close();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _connection.Interrupted -= Break;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_sender.RunAsync(), BeatAsync(stoppingToken));

    private NodeTopic TopicOf(string name)
    {
        if (_topics.TryGetValue(name, out var known))
            return known;
        var topic = _topics.GetOrAdd(name, static name => new NodeTopic(name));
        Break();
        return topic;
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BeatInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_connection.Subscriber is not { } subscriber)
                    continue;
                foreach (var topic in _topics.Values.Where(topic => !topic.IsSubscribed))
                    await SubscribeAsync(subscriber, topic);
                if (_isWhole && _time.GetElapsedTime(Interlocked.Read(ref _heardAt)) > Silence)
                    Break();
                if (!_connection.Answers)
                    continue;
                Beat();
                _sender.TellUnsent();
                LookAtPeers();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task SubscribeAsync(ISubscriber subscriber, NodeTopic topic)
    {
        var channel = _sender.ChannelOf(topic.Name);
        try
        {
            var messages = await subscriber.SubscribeAsync(channel).WaitAsync(SubscribePatience, _time);
            messages.OnMessage(message => Receive(topic, message.Message));
            topic.IsSubscribed = true;
        }
        catch (Exception exception) when (RedisFailure.Is(exception))
        {
            // Whatever of it came about: the next attempt must be the only one that listens.
            await subscriber.UnsubscribeAsync(channel, null, CommandFlags.FireAndForget);
        }
    }

    // While all is well one channel stands for all; afterwards each has to show that it stands.
    private void Beat()
    {
        var beat = Interlocked.Increment(ref _beat);
        var payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, beat);
        foreach (var topic in _isWhole ? [_own] : _topics.Values)
            _sender.Send(topic.Name, NodeMessageKind.Beat, payload);
        if (beat % BeatsOfPresence == 1 || _peers.HasNew())
            _sender.Send(PresenceTopic, NodeMessageKind.Beat, Here);
    }

    // While this node itself hears nothing it can not know who is silent, and counts all as missed afterwards.
    private void LookAtPeers()
    {
        if (!_isWhole || !_peers.Look())
            return;
        PeerMissed?.Invoke();
        TellMissed();
        _peers.EndLook();
    }

    private void Receive(NodeTopic topic, byte[]? bytes)
    {
        if (!NodeMessageFrame.TryDecode(bytes, out var frame))
        {
            Telemetry.NodeMessagesNotUnderstood.Add(1);
            if (Interlocked.Increment(ref _notUnderstood) == 1)
                Log.NotUnderstood(_logger, topic.Name);
            return;
        }

        try
        {
            if (frame.Node == _node)
                Hear(topic, frame);
            else if (topic == _presence)
                Meet(frame);
            else if (frame.Kind == NodeMessageKind.Message)
                topic.Deliver(frame.Payload);
            else if (frame.Kind == NodeMessageKind.Missed)
                topic.TellMissed();
        }
#pragma warning disable CA1031 // A subscriber that fails must not end the listening of all.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, exception, topic.Name);
        }
    }

    private void Hear(NodeTopic topic, NodeMessageFrame frame)
    {
        if (frame.Kind != NodeMessageKind.Beat || !BinaryPrimitives.TryReadInt64BigEndian(frame.Payload.Span, out var beat))
            return;
        if (topic == _own)
        {
            // One that did not come back: others' may be lost as well.
            if (beat != _own.HeardBeat + 1)
                Break();
            Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        }

        topic.HeardBeat = beat;
        if (!TryBeginMending(out var breaks))
            return;

        // Told before it counts as whole: whoever finds it whole must not rely on what was true before.
        TellMissed();
        _peers.BeginAnew();
        EndMending(breaks);
    }

    // What is unknown comes from a later version.
    private void Meet(NodeMessageFrame frame)
    {
        if (frame.Payload.Span.SequenceEqual(Leaving))
            _peers.Leave(frame.Node);
        else
            _peers.Hear(frame.Node);
    }

    private void TellMissed()
    {
        foreach (var topic in _topics.Values)
            TellMissed(topic);
    }

    // One that fails must not keep it from the others.
    private void TellMissed(NodeTopic topic)
    {
        try
        {
            topic.TellMissed();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, exception, topic.Name);
        }
    }

    private void Break()
    {
        lock (_lock)
        {
            _isWhole = false;
            _breaks++;
            _brokenAt = Interlocked.Read(ref _beat);
        }
    }

    private bool TryBeginMending(out int breaks)
    {
        lock (_lock)
        {
            breaks = _breaks;
            if (_isWhole || _isMending || !_topics.Values.All(topic => topic.HeardBeat > _brokenAt))
                return false;
            return _isMending = true;
        }
    }

    // Unless it broke again meanwhile.
    private void EndMending(int breaks)
    {
        lock (_lock)
        {
            _isMending = false;
            _isWhole = breaks == _breaks;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Warning, "A message of {Topic} has a format that this version does not know; such are left alone")]
        public static partial void NotUnderstood(ILogger logger, string topic);

        [LoggerMessage(91, LogLevel.Error, "What another node told of {Topic} could not be used")]
        public static partial void Failed(ILogger logger, Exception exception, string topic);
    }
}
