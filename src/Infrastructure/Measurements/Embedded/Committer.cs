using System.Buffers;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Group commit: one thread takes all waiting requests, writes them as one inbox row, makes that durable, applies it to the memtable,
/// and only then answers. Nothing else writes to the inbox, the catalog, or adds to the memtable.
/// </summary>
internal sealed partial class Committer : IDisposable
{
    private static readonly TimeSpan FailureIsRecent = TimeSpan.FromSeconds(30);

    private const int MaxPointsPerCommit = 100_000;
    private const int MaxWaitingPoints = 2_000_000;
    private const int PressureMilliseconds = 20;

    private readonly InboxFile _inbox;
    private readonly Catalog _catalog;
    private readonly Memtable _memtable;
    private readonly EmbeddedStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _flushNeeded;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<Waiting> _queue = new();
    private readonly ArrayBufferWriter<byte> _record = new(1 << 16);
    private readonly PointGroup _group;
    private long _waitingPoints;
    private long _flushed;
    private long _trimmedThrough;
    private long _failedAt;
    private volatile bool _hasFailed;
    private bool _isStopping;

    public Committer(
        InboxFile inbox, Catalog catalog, Memtable memtable, EmbeddedStoreOptions options, TimeProvider time, ILogger logger, Action flushNeeded)
    {
        (_inbox, _catalog, _memtable, _options, _time, _logger, _flushNeeded) = (inbox, catalog, memtable, options, time, logger, flushNeeded);
        _group = new PointGroup(catalog);
        _thread = new Thread(Run) { IsBackground = true, Name = "Committer" };
        _thread.Start();
    }

    /// <summary>
    /// True after a commit has failed, until one succeeds or none was tried for a while: a probe can succeed where a write can not,
    /// because it needs no new room.
    /// </summary>
    public bool IsFailing => _hasFailed && _time.GetElapsedTime(Interlocked.Read(ref _failedAt)) < FailureIsRecent;

    public Task<Result<WriteOutcome>> WriteAsync(BucketCatalog bucket, MeasurementBatch batch)
    {
        var points = 0;
        foreach (ref readonly var row in batch.Rows)
            points += row.FieldCount;
        var waiting = new WaitingBatch(bucket, batch, points, _time.GetTimestamp());
        Enqueue(waiting);
        return waiting.Task;
    }

    /// <summary>Does something else in its turn; what it throws is answered as <c>storage_unavailable</c>.</summary>
    public Task<Result<T>> RunAsync<T>(Func<Result<T>> work)
    {
        var waiting = new WaitingWork<T>(work, _time.GetTimestamp());
        Enqueue(waiting);
        return waiting.Task;
    }

    /// <summary>Deletes a range of the series.</summary>
    public Task<Result<WriteOutcome>> DeleteAsync(BucketCatalog bucket, IReadOnlyList<Series> series, TimeRange range) => RunAsync<WriteOutcome>(() =>
    {
        if (bucket.IsDeleted)
            return BucketErrors.NotFound(bucket.Settings.Name);
        // Only this thread knows which series are committed: those that were taken back since are nobody's now.
        Delete([.. series.Where(one => _catalog.FindSeries(one.Id) == one)], range);
        return WriteOutcome.Stored;
    });

    /// <summary>Commits nothing of value, in its turn: how long that takes is how long a write would.</summary>
    public Task<Result<WriteOutcome>> ProbeAsync() => RunAsync<WriteOutcome>(() =>
    {
        _inbox.Probe();
        return WriteOutcome.Stored;
    });

    /// <summary>Deletes a range of series at once; for work that has its turn.</summary>
    public void Delete(IReadOnlyList<Series> series, TimeRange range)
    {
        if (series.Count == 0)
            return;
        InboxRecord.WriteDeletion(series, range, _record);
        Commit();
        _memtable.Delete(series, range, _inbox.Sequence);
    }

    /// <summary>Inbox rows up to this one are in chunks and may go.</summary>
    public void Trim(long flushed)
    {
        lock (_gate)
        {
            _flushed = flushed;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Has the inbox give back to the disk, when nothing waits, what has become free in it; for work that has its turn.</summary>
    public void LookForRoom() => _trimmedThrough = -1;

    /// <summary>Commits what waits, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private void Enqueue(Waiting waiting)
    {
        var refusal = TryEnqueue(waiting);
        if (refusal is not null)
            waiting.Refuse(refusal);
    }

    private Error? TryEnqueue(Waiting waiting)
    {
        lock (_gate)
        {
            if (_isStopping)
                return Unavailable("The server is shutting down.");
            if (_waitingPoints > MaxWaitingPoints)
                return Overloaded;
            _waitingPoints += waiting.Points;
            _queue.Enqueue(waiting);
            Monitor.Pulse(_gate);
        }

        return null;
    }

    private void Run()
    {
        var batches = new List<WaitingBatch>();
        while (Take(batches, out var work))
        {
            if (work is not null)
                Run(work);
            else if (batches.Count > 0)
                Write(batches);
            else
                TrimIdle();
            batches.Clear();
        }
    }

    // Waits for batches or for other work; neither means that there is time to remove flushed rows. False when all is done.
    private bool Take(List<WaitingBatch> batches, out WaitingWork? work)
    {
        work = null;
        lock (_gate)
        {
            while (true)
            {
                var mayWrite = _memtable.TotalBytes <= 2 * _options.MemtableBytes || _isStopping;
                if (_queue.Count > 0 && mayWrite)
                {
                    work = Dequeue(batches);
                    return true;
                }

                if (_queue.Count > 0)
                    RefuseOld();
                else if (_isStopping)
                    return false;
                else if (_flushed > _trimmedThrough)
                    return true;
                Monitor.Wait(_gate, _queue.Count > 0 ? PressureMilliseconds : Timeout.Infinite);
            }
        }
    }

    // As many batches as make a group, or the first thing when it is none.
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
        while (_queue.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Since).TotalSeconds > _options.MaxWaitSeconds)
        {
            _waitingPoints -= _queue.Dequeue().Points;
            oldest.Refuse(Overloaded);
        }
    }

    private void TrimIdle()
    {
        var flushed = Interlocked.Read(ref _flushed);
        try
        {
            if (!_inbox.TrimSome(flushed))
                _trimmedThrough = flushed;
        }
        catch (SqliteException exception)
        {
            // Nothing is lost: rows that stay are replayed into what chunks hold already. The next flush asks again.
            _trimmedThrough = flushed;
            Log.TrimFailed(_logger, exception);
        }
    }

    private void Write(List<WaitingBatch> batches)
    {
        Result<WriteOutcome> answer = WriteOutcome.Stored;
        try
        {
            foreach (var waiting in batches)
            {
                // It may have been deleted since the batch came; only this thread deletes buckets.
                if (!waiting.Bucket.IsDeleted)
                    _group.Add(waiting.Bucket, waiting.Batch);
            }

            Store(_group.Points);
        }
#pragma warning disable CA1031 // The thread must go on and everyone must be answered, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            answer = Fail(exception, "The measurements can not be stored now.");
        }

        _group.Clear();
        foreach (var waiting in batches)
            waiting.Answer(waiting.Bucket.IsDeleted ? BucketErrors.NotFound(waiting.Bucket.Settings.Name) : answer);
        if (_memtable.ActiveBytes > _options.MemtableBytes)
            _flushNeeded();
    }

    private void Store(ReadOnlySpan<GroupPoint> points)
    {
        if (points.IsEmpty)
            return;
        InboxRecord.WritePoints(points, _record);
        Commit();
        _memtable.Apply(points);
        _memtable.Advance(_inbox.Sequence);
    }

    private void Run(WaitingWork work)
    {
        try
        {
            work.Run();
        }
#pragma warning disable CA1031 // The thread must go on and everyone must be answered, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            work.Refuse(Fail(exception, "Nothing can be written to disk now."));
        }
    }

    private void Commit()
    {
        _inbox.Commit(_catalog, _record.WrittenSpan, _flushed);
        _catalog.Accept();
        _hasFailed = false;
    }

    private Error Fail(Exception exception, string message)
    {
        _catalog.TakeBack();
        if (!IsFailing)
            Log.CommitFailed(_logger, exception);
        Interlocked.Exchange(ref _failedAt, _time.GetTimestamp());
        _hasFailed = true;
        return Unavailable(message);
    }

    private static Error Overloaded { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More measurements come than can be written to disk.") { RetryAfter = TimeSpan.FromSeconds(2) };

    private static Error Unavailable(string message) =>
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, message) { RetryAfter = TimeSpan.FromSeconds(5) };

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "Measurements can not be written to disk; requests are refused until they can")]
        public static partial void CommitFailed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Flushed rows can not be removed from the inbox now")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
