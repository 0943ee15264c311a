using System.Collections.Concurrent;
using IotBackend.Application.Monitoring;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>Sends what this node tells the others, and afterwards tells them of what it could not.</summary>
/// <param name="connection">Redis.</param>
/// <param name="prefix">Of all channels.</param>
/// <param name="node">Who sends.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeMessageSender(RedisConnection connection, string prefix, Guid node, TimeProvider time)
{
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(1);

    private readonly OutgoingQueue _queue = new();

    // With whether it can wait, so that the news comes after what was told before.
    private readonly ConcurrentDictionary<string, bool> _unsent = new(StringComparer.Ordinal);
    private long _dropped;

    /// <summary>Messages that were not sent.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether the others have been told of all, or of what they missed.</summary>
    public bool HasToldAll => _unsent.IsEmpty;

    public RedisChannel ChannelOf(string topic) => RedisChannel.Literal(prefix + topic);

    public void Send(string topic, NodeMessageKind kind, ReadOnlyMemory<byte> payload, bool canWait = false)
    {
        var message = new OutgoingMessage(topic, new NodeMessageFrame(kind, node, payload), canWait);
        if (!connection.Answers || !_queue.TryAdd(message))
            Drop(message);
    }

    /// <summary>Tells the others on which topics they have missed something.</summary>
    public void TellUnsent()
    {
        foreach (var topic in _unsent.Keys)
        {
            if (_unsent.TryRemove(topic, out var canWait))
                Send(topic, NodeMessageKind.Missed, default, canWait);
        }
    }

    /// <summary>Takes no more; what is there is still sent.</summary>
    public void Close() => _queue.Close();

    /// <summary>Sends until it is closed.</summary>
    public async Task RunAsync()
    {
        var batch = new List<OutgoingMessage>();
        bool isOpen;
        do
        {
            isOpen = await _queue.WaitAsync();
            while (_queue.TryTake(batch))
            {
                await SendAsync(batch);
                batch.Clear();
            }
        }
        while (isOpen);
    }

    private async Task SendAsync(List<OutgoingMessage> batch)
    {
        try
        {
            if (connection is not { Answers: true, Subscriber: { } subscriber })
                throw new RedisAwayException();
            await Task.WhenAll(batch.Select(message => subscriber.PublishAsync(ChannelOf(message.Topic), message.Frame.Encode()))).WaitAsync(SendPatience, time);
        }
        catch (Exception exception) when (RedisFailure.Is(exception))
        {
            foreach (var message in batch)
                Drop(message);
        }
    }

    // The others are told when they can be.
    private void Drop(in OutgoingMessage message)
    {
        if (message.Frame.Kind == NodeMessageKind.Beat)
            return;
        if (message.Frame.Kind == NodeMessageKind.Message)
        {
            Interlocked.Increment(ref _dropped);
            Telemetry.NodeMessagesDropped.Add(1);
        }

        _unsent[message.Topic] = message.CanWait;
    }
}
