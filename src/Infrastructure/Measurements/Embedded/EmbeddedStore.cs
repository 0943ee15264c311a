using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
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
    private readonly EmbeddedStoreOptions _options;
    private readonly TimeProvider _time;
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
    private readonly AggregateReader _aggregates;
    private readonly StreamReader _streams;
    private readonly BucketReads _reads;
    private readonly Upkeep _upkeep;
    private bool _isClosed;

    /// <summary>Opens the store in the folder, which is created when it is missing, and replays what was not flushed.</summary>
    /// <exception cref="StorageStartException">It can not be opened; the message tells an operator what to do.</exception>
    public EmbeddedStore(string folder, EmbeddedStoreOptions options, TimeProvider time, ILogger<EmbeddedStore> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
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
        _aggregates = new AggregateReader(_reader, _memtable, _sessions);
        _flusher = new Flusher(_chunks, _memtable, logger);
        _reads = new BucketReads(_catalog, logger);
        _streams = new StreamReader(_reads, _reader, _sessions);
        _upkeep = new Upkeep(_memtable, Flush, () => Sweeper!.Pass(), options, time, logger);
        _committer = new Committer(_inbox, _catalog, _memtable, options, time, logger, _upkeep.RequestFlush);
        Buckets = new EmbeddedBuckets(
            _catalog, _inbox, _memtable, _committer, _reads, new UsageReader(_memtable, _sessions), time, _upkeep.RequestSweep);
        Source = new DeviceReader(_reads, _memtable, _sessions);
        Devices = new EmbeddedDevices(_reads);
        Eraser = new BucketEraser(_catalog, _inbox, _committer, logger);
        Sweeper = new Sweeper(_chunks, _catalog, _memtable, Eraser, time, Flush);
        _upkeep.Start();

        // What was replayed may already be more than memory should hold; no write would get in to say so.
        if (_memtable.ActiveBytes > options.MemtableBytes)
            _upkeep.RequestFlush();
    }

    public EmbeddedBuckets Buckets { get; }

    public DeviceReader Source { get; }

    public EmbeddedDevices Devices { get; }

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

    /// <summary>For tests of what waits in its queue.</summary>
    internal Committer Committer => _committer;

    /// <summary>For tests of what happens between the steps of a flush.</summary>
    internal Flusher Flusher => _flusher;

    /// <summary>For tests of what happens between the steps of a sweep.</summary>
    internal Sweeper Sweeper { get; }

    /// <summary>For tests of what happens between its steps.</summary>
    internal BucketEraser Eraser { get; }

    /// <summary>For tests of readers that hold little at a time.</summary>
    internal StreamReader Streams => _streams;

    /// <summary>For tests of what a deletion leaves.</summary>
    internal Catalog Catalog => _catalog;

    public ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken) =>
        _catalog.FindBucket(bucket.Value) is { } found ? new(_committer.WriteAsync(found, batch)) : new(StoreErrors.NotFound(bucket));

    public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) => Read(
        query.Selection.Filter, bucket => _reader.Read(bucket, query with { Selection = Kept(query.Selection, bucket) }, cancellationToken));

    public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) => Read(
        query.Filter, bucket => _reader.ReadLatest(bucket, query with { Oldest = Later(query.Oldest, OldestOf(bucket)) }, cancellationToken));

    public async ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken)
    {
        var read = await Read(
            query.Selection.Filter, bucket => _aggregates.Read(bucket, query with { Selection = Kept(query.Selection, bucket) }, cancellationToken));
        return read.Error is { } error ? error : read.Value;
    }

    public ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken) => Read(
        query.Selection.Filter, bucket => _streams.Read(bucket, query with { Selection = Kept(query.Selection, bucket) }));

    public async ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken)
    {
        var found = await Read(selection.Filter, bucket => (Bucket: bucket, Count: _reader.Count(bucket, Kept(selection, bucket), cancellationToken)));
        if (found.Error is { } error)
            return error;
        var (bucket, count) = found.Value;
        var isAll = selection.IsAllOfItsDevices;
        if (dryRun || (count == 0 && !isAll))
            return count;
        var deleted = await _committer.DeleteAsync(bucket, [.. MeasurementReader.SelectSeries(bucket, selection.Filter)], selection.Range, isAll);
        return deleted.Error is { } failure ? failure : count;
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
        if (_isClosed)
            return;
        Stop();
        if (_flusher.Flush() is { } flushed)
            TrimAll(flushed);
        Close();
    }

    /// <summary>Lets go of everything without flushing, as the end of a process would.</summary>
    internal void Abandon()
    {
        Stop();
        Close();
    }

    private static Timestamp Later(Timestamp one, Timestamp other) => one > other ? one : other;

    // What is older may be there still, until it is swept.
    private MeasurementSelection Kept(MeasurementSelection selection, BucketCatalog bucket) =>
        selection with { Range = selection.Range with { From = Later(selection.Range.From, OldestOf(bucket)) } };

    private Timestamp OldestOf(BucketCatalog bucket) => bucket.Settings.Retention.OldestAt(Timestamp.From(_time.GetUtcNow()));

    private ValueTask<Result<T>> Read<T>(MeasurementFilter filter, Func<BucketCatalog, T> read) => ValueTask.FromResult(_reads.Read(filter.Bucket, read));

    private void Load(string folder)
    {
        try
        {
            _inbox.Load(_catalog, _memtable);
            _catalog.ReserveSeries(_chunks.LastSeriesId());
            FillDevices();
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            throw SqliteFile.Translate(Path.Combine(folder, InboxFile.FileName), exception);
        }
    }

    // Once, after the program has learnt to tell of devices.
    private void FillDevices()
    {
        var devices = _catalog.Buckets.SelectMany(bucket => bucket.Origins).Select(origin => origin.Owner).Distinct();
        _inbox.FillDevices(() => new DeviceFill(_catalog, _memtable, _chunks).Run(), devices);
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

    private void Stop()
    {
        _isClosed = true;
        _upkeep.Dispose();
        _committer.Dispose();
    }

    private void Close()
    {
        _sessions.Dispose();
        _inbox.Dispose();
        _chunks.Dispose();
        _lock.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(5, LogLevel.Warning, "Flushed rows stay in the inbox; the next start replays them into what chunks hold already")]
        public static partial void TrimFailed(ILogger logger, Exception exception);
    }
}
