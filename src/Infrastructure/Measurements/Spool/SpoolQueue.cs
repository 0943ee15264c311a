using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>
/// A durable bounded queue on local disk, where measurements wait for the database; what the database refuses for good is set aside.
/// docs/spool.md tells what it guarantees.
/// </summary>
internal sealed partial class SpoolQueue : ISpool, IDisposable
{
    private const string DamagedReason = "The entry was damaged on the spool's disk; what is left of it may be wrong.";

    private readonly SpoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SpoolQueue> _logger;
    private readonly DataFolderLock _lock;
    private readonly SpoolFile _file;
    private readonly SpoolWriter _writer;
    private readonly WaitingCounts _waiting = new();
    private long _bytes;
    private bool _isDisposed;

    /// <summary>Opens the queue in the folder, which is created when it is missing; what waited when the program ended waits still.</summary>
    /// <exception cref="StorageStartException">It can not be opened; the message tells an operator what to do.</exception>
    public SpoolQueue(string folder, SpoolOptions options, TimeProvider time, ILogger<SpoolQueue> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _lock = DataFolderLock.Take(folder);
        try
        {
            _file = SpoolFile.Open(folder);
            Load(folder);
        }
        catch
        {
            _file?.Dispose();
            _lock.Dispose();
            throw;
        }

        _writer = new SpoolWriter(_file, time, logger);
    }

    /// <summary>
    /// Called after an entry became durable, appended or replayed, to wake whoever drains. On the thread that writes: it must return
    /// at once and not throw.
    /// </summary>
    public Action<BucketName>? Arrived { get; set; }

    public SpoolStatus Status
    {
        get
        {
            var totals = _file.Totals;
            return new SpoolStatus(
                totals.Entries, totals.Measurements, totals.Bytes, _options.MaxBytes, totals.OldestAt, totals.RefusedEntries, totals.RefusedMeasurements);
        }
    }

    /// <summary>True while the disk refuses what is to be kept.</summary>
    public bool IsFailing => _writer.IsFailing;

    public IReadOnlyCollection<BucketName> WaitingBuckets => _waiting.Buckets;

    /// <summary>For tests of what fails in it.</summary>
    internal SpoolFile File => _file;

    /// <summary>
    /// Entries of the bucket that wait, with appends that are under way: counted before they begin, and no more once they failed.
    /// Cheap enough to be asked at every write.
    /// </summary>
    public long WaitingIn(BucketName bucket) => _waiting.Of(bucket);

    /// <summary>
    /// Puts a write at the end of the queue, and returns when it is on disk or nothing of it was kept. Calls that follow each other, even
    /// without waiting in between, keep their order. The payload must stay as it is until the returned task ends.
    /// </summary>
    public async Task<SpoolAppend> AppendAsync(BucketName bucket, int measurements, ReadOnlyMemory<byte> payload)
    {
        if (!TryReserve(payload.Length))
            return SpoolAppend.Full;
        _waiting.Add(bucket, 1);
        var at = _time.GetUtcNow();
        var isStored = await _writer.AppendAsync(
            payload.Length, file => file.Append(bucket, measurements, at, payload.Span), () => Arrived?.Invoke(bucket));
        if (isStored)
            return SpoolAppend.Stored;
        _waiting.Add(bucket, -1);
        Interlocked.Add(ref _bytes, -payload.Length);
        return SpoolAppend.Failed;
    }

    /// <summary>
    /// The oldest entries of the bucket, in their order: at least one when any waits, else no more than fit into so many bytes of payload.
    /// They go on waiting. Entries that the disk has damaged are set aside on the way.
    /// </summary>
    /// <exception cref="IOException">The disk can not be read now.</exception>
    public async Task<IReadOnlyList<SpoolEntry>> PeekAsync(BucketName bucket, long maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await _writer.ReadAsync(file => file.Peek(bucket, maxBytes), cancellationToken);
            if (found.Damaged.Count == 0)
                return found.Whole;
            if (!await SetAsideAsync(found.Damaged) && found.Whole.Count == 0)
                throw new IOException("Damaged entries can not be set aside now.");
            if (found.Whole.Count > 0)
                return found.Whole;
        }
    }

    /// <summary>
    /// Removes entries and sets aside what was refused of them, all at once; false when the disk refuses: then nothing has changed.
    /// Entries that are gone already do no harm. What is refused takes no more room than it took waiting, so it always fits.
    /// </summary>
    public async Task<bool> CompleteAsync(IReadOnlyList<SpoolEntry> done, IReadOnlyList<SpoolRefusal> refused)
    {
        var at = _time.GetUtcNow();
        return await ChangeAsync(file => file.Complete(done, refused, at)) is not null;
    }

    /// <summary>Forgets all of a bucket that was deleted; returns how many measurements waited or had been refused.</summary>
    /// <exception cref="IOException">The disk refuses; nothing has changed.</exception>
    public async Task<long> DropAsync(BucketName bucket) => await ChangeAsync(file => file.Drop(bucket)) is { } delta
        ? -delta.Measurements - delta.RefusedMeasurements
        : throw new IOException("The spool can not be written now.");

    public async ValueTask<Result<RefusedPage>> ListRefusedAsync(
        IReadOnlyCollection<BucketName> buckets, int limit, long? after, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _writer.ReadAsync(file => file.ListRefused(buckets, after ?? 0, limit + 1), cancellationToken);
            return new RefusedPage([.. found.Take(limit)], found.Count > limit);
        }
        catch (IOException)
        {
            return Unavailable;
        }
    }

    public async ValueTask<Result<long>> ReplayAsync(IReadOnlyCollection<BucketName> buckets, long? id, CancellationToken cancellationToken)
    {
        var at = _time.GetUtcNow();
        return Answer(await ChangeAsync(file => file.Replay(buckets, id, at)), isOne: id is not null);
    }

    public async ValueTask<Result<long>> DiscardAsync(IReadOnlyCollection<BucketName> buckets, long id, CancellationToken cancellationToken) =>
        Answer(await ChangeAsync(file => file.Discard(buckets, id)), isOne: true);

    /// <summary>Makes durable what is under way, and lets go of the folder.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _writer.Dispose();
        _file.Dispose();
        _lock.Dispose();
    }

    private static Error Unavailable { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The spool's disk does not answer now.") { RetryAfter = TimeSpan.FromSeconds(5) };

    private static Error NotFound { get; } = new(ErrorKind.NotFound, ErrorCodes.NotFound, "There are no refused measurements with this id.");

    private static Result<long> Answer(SpoolDelta? delta, bool isOne) =>
        delta is null ? Unavailable : isOne && delta.RefusedEntries == 0 ? NotFound : -delta.RefusedMeasurements;

    private void Load(string folder)
    {
        try
        {
            foreach (var (bucket, entries) in _file.Load())
                _waiting.Add(bucket, entries);
            _bytes = _file.Totals.Bytes;
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            throw SqliteFile.Translate(Path.Combine(folder, SpoolFile.FileName), exception);
        }
    }

    private bool TryReserve(int bytes)
    {
        var before = Interlocked.Read(ref _bytes);
        while (before + bytes <= _options.MaxBytes)
        {
            var seen = Interlocked.CompareExchange(ref _bytes, before + bytes, before);
            if (seen == before)
                return true;
            before = seen;
        }

        return false;
    }

    /// <summary>Null when the disk refuses; then nothing has changed.</summary>
    private async Task<SpoolDelta?> ChangeAsync(Func<SpoolFile, SpoolDelta> change)
    {
        var delta = new SpoolDelta();
        return await _writer.ChangeAsync(file => delta = change(file), () => Count(delta)) ? delta : null;
    }

    private void Count(SpoolDelta delta)
    {
        Interlocked.Add(ref _bytes, delta.Bytes);
        foreach (var (bucket, entries) in delta.Entries)
        {
            _waiting.Add(bucket, entries);
            if (entries > 0)
                Arrived?.Invoke(bucket);
        }
    }

    private Task<bool> SetAsideAsync(List<SpoolEntry> damaged)
    {
        Log.Damaged(_logger, damaged.Count, damaged[0].Bucket.Value);
        return CompleteAsync(
            damaged,
            [.. damaged.Select(entry => new SpoolRefusal(entry.Bucket, ErrorCodes.RefusedByStore, DamagedReason, entry.Measurements, entry.Payload))]);
    }

    private static partial class Log
    {
        [LoggerMessage(9, LogLevel.Error, "{Entries} entries of the spool for the bucket {Bucket} are damaged on disk and set aside")]
        public static partial void Damaged(ILogger logger, int entries, string bucket);
    }
}
