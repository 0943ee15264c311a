namespace IotBackend.Application.Measurements.Live;

/// <summary>
/// The recent events, bounded in bytes. Readers come with the number that they want next: nobody keeps a queue for them, writers never wait for them,
/// and one that is too slow finds that its next event is gone. Safe for concurrent use.
/// </summary>
internal sealed class LiveLog(long capacityBytes)
{
    private readonly Lock _lock = new();
    private LiveEntry[] _entries = new LiveEntry[16];
    private TaskCompletionSource? _arrival;
    private int _first;
    private int _count;
    private long _bytes;
    private long _next = 1;
    private long _lastTime;
    private long _completeSince = long.MaxValue;
    private bool _isRunning;

    /// <summary>Number of the next event.</summary>
    public long Next
    {
        get
        {
            lock (_lock)
                return _next;
        }
    }

    /// <summary>Number of the oldest event that is kept; that of the next one when there is none.</summary>
    public long First
    {
        get
        {
            lock (_lock)
                return _count == 0 ? _next : _entries[_first].Number;
        }
    }

    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Begins to keep what comes. Whoever has seen events before is told that some are missing.</summary>
    public void Start(long unixMilliseconds)
    {
        lock (_lock)
        {
            _isRunning = true;
            _completeSince = unixMilliseconds;
            if (_next > 1)
                Add(1, unixMilliseconds, default);
        }
    }

    /// <summary>Forgets everything, and what comes from now on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            (_entries, _first, _count, _bytes, _isRunning, _completeSince) = (new LiveEntry[16], 0, 0, 0, false, long.MaxValue);
        }
    }

    /// <param name="packet">Not to be changed any more.</param>
    /// <param name="count">Measurements in it.</param>
    /// <param name="unixMilliseconds">Now.</param>
    public void Append(ReadOnlyMemory<byte> packet, int count, long unixMilliseconds)
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            if (!_isRunning)
                return;
            Add(count, unixMilliseconds, packet);
            (arrival, _arrival) = (_arrival, null);
        }

        arrival?.SetResult();
    }

    /// <summary>Notes that events may be missing here.</summary>
    public void AppendGap(long unixMilliseconds) => Append(default, 1, unixMilliseconds);

    /// <summary>Finds the entry that holds an event.</summary>
    /// <param name="number">The event.</param>
    /// <param name="entry">The entry, when it is there.</param>
    /// <param name="arrival">Ends when there is more, when it has not come yet.</param>
    public LiveReading Read(long number, out LiveEntry entry, out Task arrival)
    {
        (entry, arrival) = (default, Task.CompletedTask);
        lock (_lock)
        {
            if (number >= _next)
            {
                arrival = (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return LiveReading.NotYet;
            }

            if (_count == 0 || number < At(0).Number)
                return LiveReading.Gone;
            entry = At(Search(candidate => candidate.Next > number));
            return LiveReading.Found;
        }
    }

    /// <summary>The first event that came at a time or later, and whether all that came since then are still there.</summary>
    public (long Number, bool IsComplete) FindSince(long unixMilliseconds)
    {
        lock (_lock)
        {
            var index = Search(candidate => candidate.UnixMilliseconds >= unixMilliseconds);
            return (index == _count ? _next : At(index).Number, _completeSince <= unixMilliseconds);
        }
    }

    private ref LiveEntry At(int index) => ref _entries[(_first + index) % _entries.Length];

    // The first entry that is so, as all after it are; their number when none is.
    private int Search(Func<LiveEntry, bool> isIt)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isIt(At(middle)))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void Add(int count, long unixMilliseconds, ReadOnlyMemory<byte> packet)
    {
        // A clock that is set back must not break the order.
        _lastTime = Math.Max(_lastTime, unixMilliseconds);
        if (_count == _entries.Length)
            Grow();
        var entry = new LiveEntry(_next, count, _lastTime, packet);
        At(_count++) = entry;
        _next += count;
        _bytes += entry.Bytes;
        while (_bytes > capacityBytes && _count > 1)
            RemoveFirst();
    }

    private void RemoveFirst()
    {
        ref var oldest = ref At(0);
        _bytes -= oldest.Bytes;
        _completeSince = Math.Max(_completeSince, oldest.UnixMilliseconds + 1);
        oldest = default;
        _first = (_first + 1) % _entries.Length;
        _count--;
    }

    private void Grow()
    {
        var larger = new LiveEntry[_entries.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = At(i);
        (_entries, _first) = (larger, 0);
    }
}

internal enum LiveReading
{
    Found,
    NotYet,
    Gone,
}
