using System.Buffers;
using System.Text;
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
    private GroupPoint[] _points = new GroupPoint[4096];
    private int _pointCount;
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
        return Enqueue(new Waiting(bucket, batch, points, null, default, _time.GetTimestamp()));
    }

    public Task<Result<WriteOutcome>> DeleteAsync(IReadOnlyList<Series> series, TimeRange range) =>
        Enqueue(new Waiting(null, null, 0, series, range, _time.GetTimestamp()));

    /// <summary>Commits nothing of value, in its turn: how long that takes is how long a write would.</summary>
    public Task<Result<WriteOutcome>> ProbeAsync() => Enqueue(new Waiting(null, null, 0, null, default, _time.GetTimestamp()));

    /// <summary>Inbox rows up to this one are in chunks and may go.</summary>
    public void Trim(long flushed)
    {
        lock (_gate)
        {
            _flushed = flushed;
            Monitor.Pulse(_gate);
        }
    }

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

    private Task<Result<WriteOutcome>> Enqueue(Waiting waiting)
    {
        lock (_gate)
        {
            if (_isStopping)
                return Task.FromResult<Result<WriteOutcome>>(Unavailable("The server is shutting down."));
            if (_waitingPoints > MaxWaitingPoints)
                return Task.FromResult<Result<WriteOutcome>>(Overloaded);
            _waitingPoints += waiting.Points;
            _queue.Enqueue(waiting);
            Monitor.Pulse(_gate);
        }

        return waiting.Completion.Task;
    }

    private void Run()
    {
        var group = new List<Waiting>();
        while (Take(group))
        {
            if (group.Count == 0)
                TrimIdle();
            else if (group[0].Series is not null)
                Delete(group[0]);
            else if (group[0].Batch is null)
                Probe(group[0]);
            else
                Write(group);
            group.Clear();
        }
    }

    // Waits for work; an empty group means that there is time to remove flushed rows. False when all is done.
    private bool Take(List<Waiting> group)
    {
        lock (_gate)
        {
            while (true)
            {
                var mayWrite = _memtable.TotalBytes <= 2 * _options.MemtableBytes || _isStopping;
                if (_queue.Count > 0 && mayWrite)
                {
                    Dequeue(group);
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

    private void Dequeue(List<Waiting> group)
    {
        var points = 0;
        while (_queue.TryPeek(out var next) && (group.Count == 0 || (next.Batch is not null && points + next.Points <= MaxPointsPerCommit)))
        {
            group.Add(_queue.Dequeue());
            points += next.Points;
            _waitingPoints -= next.Points;
            if (next.Batch is null)
                return;
        }
    }

    private void RefuseOld()
    {
        while (_queue.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Since).TotalSeconds > _options.MaxWaitSeconds)
        {
            _waitingPoints -= _queue.Dequeue().Points;
            oldest.Completion.SetResult(Overloaded);
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

    private void Write(List<Waiting> group)
    {
        _pointCount = 0;
        Result<WriteOutcome> answer = WriteOutcome.Stored;
        try
        {
            foreach (var waiting in group)
                Resolve(waiting.Bucket!, waiting.Batch!);
            if (_pointCount > 0)
            {
                InboxRecord.WritePoints(_points.AsSpan(0, _pointCount), _record);
                Commit();
                _memtable.Apply(_points.AsSpan(0, _pointCount));
                _memtable.Advance(_inbox.Sequence);
            }
        }
#pragma warning disable CA1031 // The thread must go on and everyone must be answered, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            answer = Fail(exception);
        }

        Array.Clear(_points, 0, _pointCount);
        foreach (var waiting in group)
            waiting.Completion.SetResult(answer);
        if (_memtable.ActiveBytes > _options.MemtableBytes)
            _flushNeeded();
    }

    private void Delete(Waiting waiting)
    {
        // Only this thread knows which series are committed: those that were taken back since are nobody's now.
        var series = waiting.Series!.Where(one => _catalog.FindSeries(one.Id) == one).ToArray();
        try
        {
            if (series.Length > 0)
            {
                InboxRecord.WriteDeletion(series, waiting.Range, _record);
                Commit();
                _memtable.Delete(series, waiting.Range, _inbox.Sequence);
            }

            waiting.Completion.SetResult(WriteOutcome.Stored);
        }
#pragma warning disable CA1031 // The thread must go on and everyone must be answered, whatever went wrong.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            waiting.Completion.SetResult(Fail(exception));
        }
    }

    private void Probe(Waiting waiting)
    {
        try
        {
            _inbox.Probe();
            waiting.Completion.SetResult(WriteOutcome.Stored);
        }
        catch (SqliteException exception)
        {
            waiting.Completion.SetResult(Fail(exception));
        }
    }

    private void Commit()
    {
        _inbox.Commit(_catalog, _record.WrittenSpan, _flushed);
        _catalog.Accept();
        _hasFailed = false;
    }

    private Error Fail(Exception exception)
    {
        _catalog.TakeBack();
        if (!IsFailing)
            Log.CommitFailed(_logger, exception);
        Interlocked.Exchange(ref _failedAt, _time.GetTimestamp());
        _hasFailed = true;
        return Unavailable("The measurements can not be stored now.");
    }

    private void Resolve(BucketCatalog bucket, MeasurementBatch batch)
    {
        for (var i = 0; i < batch.Rows.Length; i++)
        {
            ref readonly var row = ref batch.Rows[i];
            if (row.IsRejected)
                continue;
            var origin = bucket.Find(batch.Key(row));
            if (HasTypeConflict(bucket, origin, batch, i))
                continue;
            Append(origin ?? _catalog.AddOrigin(bucket, batch.Key(row)), batch, row);
        }
    }

    private static bool HasTypeConflict(BucketCatalog bucket, Origin? origin, MeasurementBatch batch, int rowIndex)
    {
        var row = batch.Rows[rowIndex];
        var cells = batch.Fields(row);
        var hasConflict = false;
        for (var i = 0; i < cells.Length; i++)
        {
            var name = batch.FieldName(cells[i]);
            var known = origin?.Find(name, i)?.Field ?? bucket.FindField(batch.Name(row), name);
            if (known is null || known.Type == cells[i].Type)
                continue;
            hasConflict = true;
            batch.Reject(
                rowIndex,
                MeasurementBatchWriter.Path("fields", name),
                ErrorCodes.FieldTypeConflict,
                $"The field is a {NameOf(known.Type)} since it was first written; this is a {NameOf(cells[i].Type)}.");
        }

        return hasConflict;
    }

    private static string NameOf(FieldType type) => type switch
    {
        FieldType.Number => "number",
        FieldType.Boolean => "boolean",
        _ => "string",
    };

    private void Append(Origin origin, MeasurementBatch batch, in MeasurementRow row)
    {
        var cells = batch.Fields(row);
        if (_points.Length - _pointCount < cells.Length)
            Array.Resize(ref _points, Math.Max(_points.Length * 2, _pointCount + cells.Length));
        for (var i = 0; i < cells.Length; i++)
        {
            ref readonly var cell = ref cells[i];
            var name = batch.FieldName(cell);
            var series = origin.Find(name, i) ?? _catalog.AddSeries(origin, name, cell.Type);
            var isText = cell.Type == FieldType.Text;
            _points[_pointCount++] = new GroupPoint(
                series, row.Timestamp.Nanoseconds, isText ? 0 : cell.Bits, isText ? Encoding.UTF8.GetString(batch.Text(cell)) : null);
        }
    }

    private static Error Overloaded { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More measurements come than can be written to disk.") { RetryAfter = TimeSpan.FromSeconds(2) };

    private static Error Unavailable(string message) =>
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, message) { RetryAfter = TimeSpan.FromSeconds(5) };

    private sealed record Waiting(
        BucketCatalog? Bucket, MeasurementBatch? Batch, int Points, IReadOnlyList<Series>? Series, TimeRange Range, long Since)
    {
        public TaskCompletionSource<Result<WriteOutcome>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "Measurements can not be written to disk; requests are refused until they can")]
        public static partial void CommitFailed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Flushed rows can not be removed from the inbox now")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
