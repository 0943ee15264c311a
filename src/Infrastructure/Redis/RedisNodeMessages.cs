using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using IotBackend.Application.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// Messages between nodes by publish and subscribe, a channel a topic. Redis promises nothing about them, so this node listens whether its own
/// come back: what it might have missed it tells its subscribers, and what it could not send it tells the other nodes.
/// </summary>
internal sealed partial class RedisNodeMessages : BackgroundService, INodeMessages
{
    private const int MostWaiting = 10_000;
    private const int MostAtOnce = 256;

    private static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _prefix;
    private readonly Guid _node = Guid.NewGuid();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, NodeTopic> _topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unsent = new(StringComparer.Ordinal);
    private readonly Channel<(string Topic, NodeMessageFrame Frame)> _queue = Channel.CreateBounded<(string, NodeMessageFrame)>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly NodeTopic _own;
    private long _beat;
    private long _brokenAt;
    private long _heardAt;
    private long _dropped;
    private long _notUnderstood;
    private volatile bool _isWhole;

    public RedisNodeMessages(RedisConnection connection, IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisNodeMessages> logger)
    {
        (_connection, _time, _logger) = (connection, time, logger);
        _prefix = options.Value.KeyPrefix + "nodes:";
        _own = TopicOf("beat-" + _node.ToString("N"));
        _connection.Interrupted += Break;
    }

    public bool IsConnected => _isWhole && _connection.Answers;

    /// <summary>Messages of this node that were not sent.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages that came in a format of which this version knows nothing.</summary>
    public long NotUnderstood => Interlocked.Read(ref _notUnderstood);

    // Copied, because it is sent later.
    public void Publish(string topic, ReadOnlyMemory<byte> message) => Enqueue(topic, new NodeMessageFrame(NodeMessageKind.Message, _node, message.ToArray()));

    public IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed) => TopicOf(topic).Add(received, missed);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _connection.Interrupted -= Break;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(SendAllAsync(), BeatAsync(stoppingToken));

    private NodeTopic TopicOf(string name)
    {
        if (_topics.TryGetValue(name, out var known))
            return known;
        var topic = _topics.GetOrAdd(name, static name => new NodeTopic(name));
        Break();
        return topic;
    }

    private RedisChannel ChannelOf(string topic) => RedisChannel.Literal(_prefix + topic);

    private void Enqueue(string topic, NodeMessageFrame frame)
    {
        if (!_connection.Answers || !_queue.Writer.TryWrite((topic, frame)))
            Drop(topic, frame.Kind);
    }

    // The others are told when they can be.
    private void Drop(string topic, NodeMessageKind kind)
    {
        if (kind == NodeMessageKind.Beat)
            return;
        if (kind == NodeMessageKind.Message)
            Interlocked.Increment(ref _dropped);
        _unsent[topic] = true;
    }

    private async Task SendAllAsync()
    {
        var batch = new List<(string Topic, NodeMessageFrame Frame)>(MostAtOnce);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostAtOnce && _queue.Reader.TryRead(out var message))
                batch.Add(message);
            await SendAsync(batch);
            batch.Clear();
        }
    }

    private async Task SendAsync(List<(string Topic, NodeMessageFrame Frame)> batch)
    {
        try
        {
            if (_connection is not { Answers: true, Subscriber: { } subscriber })
                throw new RedisAwayException();
            await Task.WhenAll(batch.Select(message => subscriber.PublishAsync(ChannelOf(message.Topic), message.Frame.Encode()))).WaitAsync(SendPatience, _time);
        }
        catch (Exception exception) when (RedisFailure.Is(exception))
        {
            foreach (var (topic, frame) in batch)
                Drop(topic, frame.Kind);
        }
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
                TellUnsent();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task SubscribeAsync(ISubscriber subscriber, NodeTopic topic)
    {
        var channel = ChannelOf(topic.Name);
        try
        {
            var messages = await subscriber.SubscribeAsync(channel).WaitAsync(SendPatience, _time);
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
        var frame = new NodeMessageFrame(NodeMessageKind.Beat, _node, payload);
        foreach (var topic in _isWhole ? [_own] : _topics.Values)
            _queue.Writer.TryWrite((topic.Name, frame));
    }

    private void TellUnsent()
    {
        foreach (var topic in _unsent.Keys)
        {
            if (_unsent.TryRemove(topic, out _))
                Enqueue(topic, new NodeMessageFrame(NodeMessageKind.Missed, _node, default));
        }
    }

    private void Receive(NodeTopic topic, byte[]? bytes)
    {
        if (!NodeMessageFrame.TryDecode(bytes, out var frame))
        {
            if (Interlocked.Increment(ref _notUnderstood) == 1)
                Log.NotUnderstood(_logger, topic.Name);
            return;
        }

        try
        {
            if (frame.Node == _node)
                Hear(topic, frame);
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
        if (!TryMend())
            return;
        foreach (var mended in _topics.Values)
            TellMissed(mended);
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
            _brokenAt = Interlocked.Read(ref _beat);
        }
    }

    private bool TryMend()
    {
        lock (_lock)
        {
            if (_isWhole || !_topics.Values.All(topic => topic.HeardBeat > _brokenAt))
                return false;
            return _isWhole = true;
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
