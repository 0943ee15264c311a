using IotBackend.Api.Http;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Looks at the packets of a connection before any memory is taken for them: none may be larger than is allowed, all of them together have what bodies of
/// requests have, and each has to come in time.
/// </summary>
internal sealed class PacketGuard(BodyBudget budget, TimeSpan patience, TimeProvider time) : IDisposable
{
    /// <summary>What a packet takes: as it came, and what is parsed from it, each in a buffer of up to twice its size.</summary>
    public const int Copies = 4;

    // Who has not been let in has no more than a name, a key and a will.
    private const int MaxFirstBytes = 16 << 10;

    // What is smaller is not counted; it is bounded by the number of connections.
    private const int FreeBytes = 4 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private PacketFrame _frame;
    private long _beganAt;
    private long _taken;

    /// <summary>The largest packet from now on.</summary>
    public int MaxBytes { get; set; } = MaxFirstBytes;

    /// <summary>How long the current packet may still take; null between packets, where keep-alive watches.</summary>
    public TimeSpan? Rest
    {
        get
        {
            if (!_frame.IsOpen)
                return null;
            var rest = patience - time.GetElapsedTime(_beganAt);
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }
    }

    /// <summary>Follows bytes that are about to be read, at most to the end of a header or of a packet; waits for memory when a large packet begins.</summary>
    /// <returns>How many of the bytes may be read.</returns>
    /// <exception cref="PacketTooLargeException">The packet is larger than it may be.</exception>
    /// <exception cref="TimeoutException">There was no memory for it in time.</exception>
    public async ValueTask<int> PassAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var isNew = !_frame.IsOpen;
        if (isNew)
        {
            // The packet before has been handled, or the next one would not be asked for.
            GiveBack();
            _beganAt = time.GetTimestamp();
        }

        var wasKnown = !isNew && _frame.TotalBytes > 0;
        var count = _frame.Take(bytes.Span);
        if (wasKnown || _frame.TotalBytes == 0)
            return count;
        if (_frame.TotalBytes > MaxBytes)
            throw new PacketTooLargeException(_frame.TotalBytes, MaxBytes);
        if (_frame.TotalBytes > FreeBytes)
            await TakeAsync(Copies * _frame.TotalBytes, cancellationToken);
        return count;
    }

    public void Dispose() => GiveBack();

    private async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        while (!budget.TryTake(bytes))
        {
            if (Rest == TimeSpan.Zero)
                throw new TimeoutException("There was no memory for a packet in time.");
            await Task.Delay(Pause, time, cancellationToken);
        }

        _taken = bytes;
    }

    private void GiveBack() => budget.GiveBack(Interlocked.Exchange(ref _taken, 0));
}
