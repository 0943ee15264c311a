using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>
/// Group commit: one thread owns the file, writes all appends that wait in one transaction, and answers each only after that is on disk.
/// Other changes have a transaction of their own: on a full disk, what makes room must not fail with what takes some.
/// Reads take their turn on the same thread, and so see all that came before them and nothing that is not durable.
/// </summary>
internal sealed partial class SpoolWriter : IDisposable
{
    private static readonly TimeSpan FailureIsRecent = TimeSpan.FromSeconds(30);

    private const long MaxBytesPerCommit = 8 << 20;

    private readonly SpoolFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<Work> _queue = new();
    private long _failedAt;
    private volatile bool _hasFailed;
    private bool _mayShrink = true;
    private bool _isStopping;

    public SpoolWriter(SpoolFile file, TimeProvider time, ILogger logger)
    {
        (_file, _time, _logger) = (file, time, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "Spool" };
        _thread.Start();
    }

    /// <summary>True after the disk has refused, until it takes something or nothing was tried for a while.</summary>
    public bool IsFailing => _hasFailed && _time.GetElapsedTime(Interlocked.Read(ref _failedAt)) < FailureIsRecent;

    /// <summary>True once the append is on disk, and after <paramref name="committed"/> ran on the thread that wrote it; false when the disk refuses.</summary>
    public Task<bool> AppendAsync(long bytes, Action<SpoolFile> append, Action committed) => Enqueue(new Work(Kind.Append, bytes, append, committed));

    /// <summary>As an append, in a transaction of its own.</summary>
    public Task<bool> ChangeAsync(Action<SpoolFile> change, Action committed) => Enqueue(new Work(Kind.Change, 0, change, committed));

    /// <exception cref="IOException">The file can not be read now.</exception>
    public async Task<T> ReadAsync<T>(Func<SpoolFile, T> read, CancellationToken cancellationToken)
    {
        T result = default!;
        var isRead = await Enqueue(new Work(Kind.Read, 0, file => result = read(file), null)).WaitAsync(cancellationToken);
        return isRead ? result : throw new IOException("The spool can not be read now.");
    }

    /// <summary>Does what waits, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private Task<bool> Enqueue(Work work)
    {
        lock (_gate)
        {
            if (_isStopping)
                return Task.FromResult(false);
            _queue.Enqueue(work);
            Monitor.Pulse(_gate);
        }

        return work.Completion.Task;
    }

    private void Run()
    {
        var group = new List<Work>();
        while (Take(group))
        {
            if (group.Count == 0)
                _mayShrink = Shrink();
            else
                Do(group);
            group.Clear();
        }
    }

    // Waits for work; an empty group means that there is time to give room back. False when all is done.
    private bool Take(List<Work> group)
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_isStopping)
                    return false;
                if (_mayShrink)
                    return true;
                Monitor.Wait(_gate);
            }

            Dequeue(group);
            return true;
        }
    }

    private void Dequeue(List<Work> group)
    {
        var bytes = 0L;
        do
        {
            group.Add(_queue.Dequeue());
            bytes += group[^1].Bytes;
        }
        while (group[0].Kind == Kind.Append && _queue.TryPeek(out var next) && next.Kind == Kind.Append && bytes + next.Bytes <= MaxBytesPerCommit);
    }

    private void Do(List<Work> group)
    {
        var isDone = Try(group);
        foreach (var work in group)
        {
            if (isDone)
                work.Committed?.Invoke();
            work.Completion.SetResult(isDone);
        }

        _mayShrink |= group[0].Kind == Kind.Change;
    }

    private bool Try(List<Work> group)
    {
        try
        {
            if (group[0].Kind == Kind.Read)
            {
                group[0].Action(_file);
                return true;
            }

            _file.Transact(group.Sum(work => work.Bytes), file => group.ForEach(work => work.Action(file)));
            _hasFailed = false;
            return true;
        }
#pragma warning disable CA1031 // The thread must go on and everyone must be answered, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!IsFailing)
                Log.Failed(_logger, exception);
            Interlocked.Exchange(ref _failedAt, _time.GetTimestamp());
            _hasFailed = true;
            return false;
        }
    }

    private bool Shrink()
    {
        try
        {
            return _file.Shrink();
        }
        catch (SqliteException exception)
        {
            // Nothing is lost: the room is used again, or given back after the next change.
            Log.ShrinkFailed(_logger, exception);
            return false;
        }
    }

    private enum Kind
    {
        Append,
        Change,
        Read,
    }

    private sealed record Work(Kind Kind, long Bytes, Action<SpoolFile> Action, Action? Committed)
    {
        public TaskCompletionSource<bool> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(7, LogLevel.Error, "The spool can not be written or read; what it was to keep is refused until it can")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(8, LogLevel.Warning, "Room that was freed in the spool can not be given back to the disk now")]
        public static partial void ShrinkFailed(ILogger logger, Exception exception);
    }
}
