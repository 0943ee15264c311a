using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>What waits for the committer, in the order in which it came. While memory is full all of it waits, and what waited too long is refused.</summary>
internal sealed class CommitQueue(Memtable memtable, EmbeddedStoreOptions options, TimeProvider time)
{
    private const int MaxPointsPerCommit = 100_000;
    private const int MaxWaitingPoints = 2_000_000;
    private const int PressureMilliseconds = 20;

    private readonly object _gate = new();
    private readonly Queue<Waiting> _queue = new();
    private long _waitingPoints;
    private bool _isIdleTurnWanted;
    private bool _isStopping;

    /// <summary>Lets it wait for its turn, or refuses it at once.</summary>
    public void Add(Waiting waiting)
    {
        if (TryAdd(waiting) is { } refusal)
            waiting.Refuse(refusal);
    }

    /// <summary>Gives the committer a turn as soon as nothing waits.</summary>
    public void AskForIdleTurn()
    {
        lock (_gate)
        {
            _isIdleTurnWanted = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Nothing more is taken; what waits gets its turn.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for batches, as many as make a group, or for one other thing; neither of them is an idle turn. False when all is done.</summary>
    public bool Take(List<WaitingBatch> batches, out WaitingWork? work)
    {
        lock (_gate)
            WaitForTurn();

        // Requests that are nearly here come along, where they compete with this thread for a core: it gives way once, and a commit carries
        // three times as many of them (benchmark P1). Where nobody competes it costs a microsecond.
        Thread.Yield();
        lock (_gate)
        {
            WaitForTurn();
            work = null;
            if (_queue.Count > 0)
            {
                work = Dequeue(batches);
                return true;
            }

            // What waits comes first; then the end, then an idle turn.
            if (_isStopping)
                return false;
            _isIdleTurnWanted = false;
            return true;
        }
    }

    private void WaitForTurn()
    {
        while (true)
        {
            var isFull = memtable.TotalBytes > 2 * options.MemtableBytes;
            if (_isStopping || (_queue.Count == 0 ? _isIdleTurnWanted : !isFull))
                return;
            RefuseOld();
            Monitor.Wait(_gate, _queue.Count > 0 ? PressureMilliseconds : Timeout.Infinite);
        }
    }

    private Error? TryAdd(Waiting waiting)
    {
        lock (_gate)
        {
            if (_isStopping)
                return StoreErrors.Unavailable("The server is shutting down.");
            if (_waitingPoints > MaxWaitingPoints)
                return StoreErrors.Overloaded;
            _waitingPoints += waiting.Points;
            _queue.Enqueue(waiting);
            Monitor.Pulse(_gate);
        }

        return null;
    }

    private WaitingWork? Dequeue(List<WaitingBatch> batches)
    {
        if (_queue.Peek() is WaitingWork work)
        {
            _queue.Dequeue();
            return work;
        }

        var points = 0;
        while (_queue.TryPeek(out var next) && next is WaitingBatch batch && (batches.Count == 0 || points + batch.Points <= MaxPointsPerCommit))
        {
            _queue.Dequeue();
            batches.Add(batch);
            points += batch.Points;
            _waitingPoints -= batch.Points;
        }

        return null;
    }

    private void RefuseOld()
    {
        while (_queue.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since).TotalSeconds > options.MaxWaitSeconds)
        {
            _waitingPoints -= _queue.Dequeue().Points;
            oldest.Refuse(StoreErrors.Overloaded);
        }
    }
}
