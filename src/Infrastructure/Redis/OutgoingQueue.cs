using System.Threading.Channels;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// Messages until they are sent. What can not wait goes first, and each kind has bounds of its own, in messages and in bytes: a stream of live
/// measurements neither delays a revocation nor takes its place.
/// </summary>
internal sealed class OutgoingQueue
{
    /// <summary>The most messages of each kind that wait.</summary>
    public const int MostMessages = 10_000;

    /// <summary>The most bytes of each kind that wait.</summary>
    public const long MostBytes = 16 << 20;

    // What is on its way can not be overtaken any more, so it is not much at a time.
    private const int MostAtOnce = 256;
    private const long BytesAtOnce = 256 << 10;

    private readonly Lock _lock = new();
    private readonly Lane _urgent = new();
    private readonly Lane _patient = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _isClosed;

    /// <summary>False when it is full or closed.</summary>
    public bool TryAdd(in OutgoingMessage message)
    {
        lock (_lock)
        {
            if (_isClosed || !(message.CanWait ? _patient : _urgent).TryAdd(message))
                return false;
        }

        _signal.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Waits for messages; false when it is closed. Some may be there even so.</summary>
    public async ValueTask<bool> WaitAsync() => await _signal.Reader.WaitToReadAsync() && _signal.Reader.TryRead(out _);

    /// <summary>Takes those whose turn it is, at least one if there are any.</summary>
    public bool TryTake(List<OutgoingMessage> batch)
    {
        lock (_lock)
        {
            var bytes = _urgent.Take(batch, 0);
            _patient.Take(batch, bytes);
        }

        return batch.Count > 0;
    }

    /// <summary>Takes no more.</summary>
    public void Close()
    {
        lock (_lock)
            _isClosed = true;
        _signal.Writer.TryComplete();
    }

    private sealed class Lane
    {
        private readonly Queue<OutgoingMessage> _messages = new();
        private long _bytes;

        public bool TryAdd(in OutgoingMessage message)
        {
            if (_messages.Count >= MostMessages || _bytes + message.Bytes > MostBytes)
                return false;
            _bytes += message.Bytes;
            _messages.Enqueue(message);
            return true;
        }

        /// <returns>The bytes of the batch.</returns>
        public long Take(List<OutgoingMessage> batch, long bytes)
        {
            while (batch.Count < MostAtOnce && (bytes < BytesAtOnce || batch.Count == 0) && _messages.TryDequeue(out var message))
            {
                _bytes -= message.Bytes;
                bytes += message.Bytes;
                batch.Add(message);
            }

            return bytes;
        }
    }
}
