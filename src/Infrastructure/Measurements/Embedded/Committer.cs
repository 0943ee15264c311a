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

    private readonly InboxFile _inbox;
    private readonly Catalog _catalog;
    private readonly Memtable _memtable;
    private readonly EmbeddedStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _flushNeeded;
    private readonly Thread _thread;
    private readonly CommitQueue _queue;
    private readonly ArrayBufferWriter<byte> _record = new(1 << 16);
    private readonly PointGroup _group;
    private long _flushed;
    private long _failedAt;
    private volatile bool _hasFailed;

    public Committer(
        InboxFile inbox, Catalog catalog, Memtable memtable, EmbeddedStoreOptions options, TimeProvider time, ILogger logger, Action flushNeeded)
    {
        (_inbox, _catalog, _memtable, _options, _time, _logger, _flushNeeded) = (inbox, catalog, memtable, options, time, logger, flushNeeded);
        _group = new PointGroup(catalog);
        _queue = new CommitQueue(memtable, options, time);
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
        _queue.Add(waiting);
        return waiting.Task;
    }

    /// <summary>Does something else in its turn; what it throws is answered as <c>storage_unavailable</c>.</summary>
    public Task<Result<T>> RunAsync<T>(Func<Result<T>> work)
    {
        var waiting = new WaitingWork<T>(work, _time.GetTimestamp());
        _queue.Add(waiting);
        return waiting.Task;
    }

    /// <summary>Deletes a range of the series.</summary>
    /// <param name="bucket">Their bucket.</param>
    /// <param name="series">The series.</param>
    /// <param name="range">What is deleted of them.</param>
    /// <param name="isAll">Whether that is all that they hold: a device of which nothing is left is forgotten.</param>
    public Task<Result<WriteOutcome>> DeleteAsync(BucketCatalog bucket, IReadOnlyList<Series> series, TimeRange range, bool isAll = false) => RunAsync<WriteOutcome>(() =>
    {
        if (bucket.IsDeleted)
            return StoreErrors.NotFound(bucket.Settings.Name);
        // Only this thread knows which series are committed: those that were taken back since are nobody's now.
        Series[] committed = [.. series.Where(one => _catalog.FindSeries(one.Id) == one)];
        Delete(committed, range, isAll ? WholeDevices(committed) : []);
        return WriteOutcome.Stored;
    });

    /// <summary>Commits nothing of value, in its turn: how long that takes is how long a write would.</summary>
    public Task<Result<WriteOutcome>> ProbeAsync() => RunAsync<WriteOutcome>(() =>
    {
        _inbox.Probe();
        return WriteOutcome.Stored;
    });

    /// <summary>Deletes a range of series at once; for work that has its turn.</summary>
    public void Delete(IReadOnlyList<Series> series, TimeRange range, params IReadOnlyList<StoredDevice> forgotten)
    {
        if (series.Count == 0)
            return;
        InboxRecord.WriteDeletion(series, range, _record);
        Commit(forgotten);
        _memtable.Delete(series, range, _inbox.Sequence);
        _inbox.Devices.Forget(forgotten, _inbox.Sequence);
    }

    /// <summary>Inbox rows up to this one are in chunks and may go.</summary>
    public void Trim(long flushed)
    {
        Interlocked.Exchange(ref _flushed, flushed);
        _queue.AskForIdleTurn();
    }

    /// <summary>Has the inbox give back to the disk, when nothing waits, what has become free in it.</summary>
    public void LookForRoom() => _queue.AskForIdleTurn();

    /// <summary>Commits what waits, then ends.</summary>
    public void Dispose()
    {
        _queue.Stop();
        _thread.Join();
    }

    private void Run()
    {
        var batches = new List<WaitingBatch>();
        while (_queue.Take(batches, out var work))
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

    // When it fails nothing is lost: rows that stay are replayed into what chunks hold already. The next flush asks again.
    private void TrimIdle()
    {
        try
        {
            if (_inbox.TrimSome(Interlocked.Read(ref _flushed)))
                _queue.AskForIdleTurn();
        }
        catch (SqliteException exception)
        {
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
            _group.GiveBack();
        }

        _group.Clear();
        foreach (var waiting in batches)
            waiting.Answer(waiting.Bucket.IsDeleted ? StoreErrors.NotFound(waiting.Bucket.Settings.Name) : answer);
        if (_memtable.ActiveBytes > _options.MemtableBytes)
            _flushNeeded();
    }

    private void Store(ReadOnlySpan<GroupPoint> points)
    {
        if (points.IsEmpty)
            return;
        var received = Timestamp.From(_time.GetUtcNow()).Nanoseconds;
        InboxRecord.WritePoints(points, received, _record);
        Commit([]);
        _memtable.Apply(points);
        _memtable.Advance(_inbox.Sequence);
        _inbox.Devices.Count(points, _inbox.Sequence, received);
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

    // What came between the request and its turn is not among the series, and stays.
    private static StoredDevice[] WholeDevices(IEnumerable<Series> series) =>
    [
        .. series.GroupBy(one => one.Origin.Owner)
            .Where(device => device.Count() == device.Key.Origins.Sum(origin => origin.Fields.Count))
            .Select(device => device.Key),
    ];

    private void Commit(IReadOnlyList<StoredDevice> forgotten)
    {
        _inbox.Commit(_catalog, _record.WrittenSpan, _flushed, forgotten);
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
        return StoreErrors.Unavailable(message);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "Measurements can not be written to disk; requests are refused until they can")]
        public static partial void CommitFailed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Flushed rows can not be removed from the inbox now")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
