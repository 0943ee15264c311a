using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Measurements on SQLite in two levels: an inbox that makes every commit durable, and packed chunks that it is flushed into.
/// docs/embedded-store.md tells how they play together.
/// </summary>
internal sealed partial class EmbeddedStore : IMeasurementStore, IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly EmbeddedStoreOptions _options;
    private readonly ILogger<EmbeddedStore> _logger;
    private readonly DataFolderLock _lock;
    private readonly InboxFile _inbox;
    private readonly ChunkFile _chunks;
    private readonly ChunkSessions _sessions;
    private readonly Catalog _catalog = new();
    private readonly Memtable _memtable = new();
    private readonly Committer _committer;
    private readonly Flusher _flusher;
    private readonly MeasurementReader _reader;
    private readonly AutoResetEvent _flushNeeded = new(false);
    private readonly ManualResetEvent _stopped = new(false);
    private readonly Thread _flushThread;
    private volatile bool _isStopping;

    /// <summary>Opens the store in the folder, which is created when it is missing, and replays what was not flushed.</summary>
    /// <exception cref="StorageStartException">It can not be opened; the message tells an operator what to do.</exception>
    public EmbeddedStore(string folder, EmbeddedStoreOptions options, TimeProvider time, ILogger<EmbeddedStore> logger)
    {
        (_options, _logger) = (options, logger);
        _lock = DataFolderLock.Take(folder);
        try
        {
            _chunks = ChunkFile.Open(folder);
            _inbox = InboxFile.Open(folder);
            Load(folder);
        }
        catch
        {
            _inbox?.Dispose();
            _chunks?.Dispose();
            _lock.Dispose();
            throw;
        }

        _sessions = new ChunkSessions(_chunks.Path);
        _reader = new MeasurementReader(_memtable, _sessions);
        _flusher = new Flusher(_chunks, _memtable, logger);
        _committer = new Committer(_inbox, _catalog, _memtable, options, time, logger, () => _flushNeeded.Set());
        _flushThread = new Thread(FlushInBackground) { IsBackground = true, Name = "Flusher", Priority = ThreadPriority.BelowNormal };
        _flushThread.Start();

        // What was replayed may already be more than memory should hold; no write would get in to say so.
        if (_memtable.ActiveBytes > options.MemtableBytes)
            _flushNeeded.Set();
    }

    /// <summary>True while writes fail.</summary>
    public bool IsFailing => _committer.IsFailing;

    /// <summary>True while points can not be moved into chunks, or come faster than that.</summary>
    public bool IsUnderPressure => _flusher.HasFailed || _memtable.TotalBytes > 2 * _options.MemtableBytes;

    /// <summary>Series that have ever been written.</summary>
    public int SeriesCount => _catalog.SeriesCount;

    /// <summary>For tests of what fails in it.</summary>
    internal InboxFile Inbox => _inbox;

    /// <summary>For tests of what fails in it.</summary>
    internal ChunkFile Chunks => _chunks;

    /// <summary>For tests of what happens between the steps of a flush.</summary>
    internal Flusher Flusher => _flusher;

    public async ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken) =>
        _catalog.FindBucket(bucket.Value) is { } found ? await _committer.WriteAsync(found, batch) : NoBucket(bucket);

    public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) =>
        Read(query.Selection.Filter.Bucket, bucket => _reader.Read(bucket, query, cancellationToken));

    public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) =>
        Read(query.Filter.Bucket, bucket => _reader.ReadLatest(bucket, query, cancellationToken));

    public async ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken)
    {
        var counted = await Read(selection.Filter.Bucket, bucket => _reader.Count(bucket, selection, cancellationToken));
        if (dryRun || !counted.IsSuccess || counted.Value == 0)
            return counted;
        var series = MeasurementReader.SelectSeries(_catalog.FindBucket(selection.Filter.Bucket.Value)!, selection.Filter).ToArray();
        var deleted = await _committer.DeleteAsync(series, selection.Range);
        return deleted.Error is { } error ? error : counted;
    }

    /// <summary>Commits nothing of value, as a write would; a failure says whether writes fail now.</summary>
    public async ValueTask<Result<WriteOutcome>> ProbeAsync() => await _committer.ProbeAsync();

    /// <summary>Moves all that is in memory into chunks now; false when that failed, with nothing lost.</summary>
    public bool Flush()
    {
        if (_flusher.Flush() is not { } flushed)
            return false;
        _committer.Trim(flushed);
        return true;
    }

    /// <summary>Makes what waits durable, flushes, and lets go of the folder.</summary>
    public void Dispose()
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _stopped.Set();
        _flushThread.Join();
        _committer.Dispose();
        if (_flusher.Flush() is { } flushed)
            TrimAll(flushed);
        Close();
    }

    /// <summary>Lets go of everything without flushing, as the end of a process would.</summary>
    internal void Abandon()
    {
        _isStopping = true;
        _stopped.Set();
        _flushThread.Join();
        _committer.Dispose();
        Close();
    }

    private static Error NoBucket(BucketName bucket) => new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, $"There is no bucket '{bucket}'.");

    private void Load(string folder)
    {
        try
        {
            _inbox.Load(_catalog, _memtable);
            _catalog.ReserveSeries(_chunks.LastSeriesId());
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            throw SqliteFile.Translate(Path.Combine(folder, InboxFile.FileName), exception);
        }
    }

    private ValueTask<Result<T>> Read<T>(BucketName bucket, Func<BucketCatalog, T> read)
    {
        if (_catalog.FindBucket(bucket.Value) is not { } found)
            return ValueTask.FromResult<Result<T>>(NoBucket(bucket));
        try
        {
            return ValueTask.FromResult<Result<T>>(read(found));
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            Log.ReadFailed(_logger, exception);
            return ValueTask.FromResult<Result<T>>(
                new Error(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The measurements can not be read now.") { RetryAfter = TimeSpan.FromSeconds(30) });
        }
    }

    private void FlushInBackground()
    {
        WaitHandle[] signals = [_stopped, _flushNeeded];
        while (true)
        {
            WaitHandle.WaitAny(signals, TimeSpan.FromSeconds(_options.FlushSeconds));
            for (var retry = FirstRetry; !_isStopping && _memtable.HasUnflushed && !Flush(); retry = retry * 2 < LastRetry ? retry * 2 : LastRetry)
            {
                // Not on the next commit: while memory is full each of them asks for a flush.
                _stopped.WaitOne(retry);
            }

            if (_isStopping)
                return;
        }
    }

    private void TrimAll(long flushed)
    {
        try
        {
            while (_inbox.TrimSome(flushed))
            {
            }
        }
        catch (SqliteException exception)
        {
            Log.TrimFailed(_logger, exception);
        }
    }

    private void Close()
    {
        _sessions.Dispose();
        _inbox.Dispose();
        _chunks.Dispose();
        _lock.Dispose();
        _flushNeeded.Dispose();
        _stopped.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(4, LogLevel.Error, "Measurements can not be read")]
        public static partial void ReadFailed(ILogger logger, Exception exception);

        [LoggerMessage(5, LogLevel.Warning, "Flushed rows stay in the inbox; the next start replays them into what chunks hold already")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
