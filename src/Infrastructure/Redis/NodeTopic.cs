namespace IotBackend.Infrastructure.Redis;

/// <summary>Who listens to a topic on this node, and whether its channel is known to stand.</summary>
internal sealed class NodeTopic(string name)
{
    private readonly Lock _lock = new();
    private Listener[] _listeners = [];
    private long _heardBeat;

    public string Name => name;

    /// <summary>Whether Redis was told that this node listens.</summary>
    public bool IsSubscribed { get; set; }

    /// <summary>The last beat of this node that came back by the channel.</summary>
    public long HeardBeat
    {
        get => Interlocked.Read(ref _heardBeat);
        set => Interlocked.Exchange(ref _heardBeat, value);
    }

    public IDisposable Add(Action<ReadOnlyMemory<byte>> received, Action missed)
    {
        var listener = new Listener(this, received, missed);
        lock (_lock)
            _listeners = [.. _listeners, listener];
        return listener;
    }

    public void Deliver(ReadOnlyMemory<byte> message)
    {
        foreach (var listener in _listeners)
            listener.Received(message);
    }

    public void TellMissed()
    {
        foreach (var listener in _listeners)
            listener.Missed();
    }

    private sealed class Listener(NodeTopic topic, Action<ReadOnlyMemory<byte>> received, Action missed) : IDisposable
    {
        public Action<ReadOnlyMemory<byte>> Received => received;

        public Action Missed => missed;

        public void Dispose()
        {
            lock (topic._lock)
                topic._listeners = [.. topic._listeners.Where(listener => listener != this)];
        }
    }
}
