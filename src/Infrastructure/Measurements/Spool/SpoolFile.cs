using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>
/// <c>spool.db</c>: what waits and what was refused. A transaction is on disk when it returns, all of it or nothing.
/// Used by the writer's thread alone once it is open.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    public const string FileName = "spool.db";

    private const int PageSize = 4096;
    private const int ShrinkPages = 256;
    private const long CheckUpToBytes = 64 << 20;

    // What removes entries takes room in the log before it gives any back. Were the disk filled to the last byte, the queue could
    // neither take nor give any more.
    private const long ReservedBytes = 16 << 20;

    private readonly DriveInfo _disk;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly WaitingTable _waiting;
    private readonly RefusedTable _refused;
    private volatile SpoolTotals _totals = SpoolTotals.None;
    private SpoolTotals _next = SpoolTotals.None;

    private SpoolFile(string folder, SqliteConnection connection)
    {
        _disk = new DriveInfo(Path.GetFullPath(folder));
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _rollback = new(connection, "ROLLBACK");
        _waiting = new(connection);
        _refused = new(connection);
    }

    /// <summary>What the file holds since the last transaction; read from any thread.</summary>
    public SpoolTotals Totals => _totals;

    /// <summary>For tests of how many changes share a transaction.</summary>
    internal long Transactions { get; private set; }

    /// <exception cref="StorageStartException">The file can not be opened, is damaged, or is of a newer version.</exception>
    public static SpoolFile Open(string folder)
    {
        const string schema = WaitingTable.Schema + RefusedTable.Schema;
        return SqliteFile.OpenForWriting(Path.Combine(folder, FileName), PageSize, [schema], CheckUpToBytes, connection => new SpoolFile(folder, connection));
    }

    /// <summary>Counts what the file holds, and returns how many entries wait, by bucket.</summary>
    /// <exception cref="SqliteException">The file can not be read.</exception>
    /// <exception cref="InvalidDataException">A row is damaged.</exception>
    public IReadOnlyDictionary<BucketName, long> Load()
    {
        var found = new SpoolDelta();
        foreach (var count in _waiting.Count())
            found.AddWaiting(count.Bucket, count.Entries, count.Measurements, count.Bytes);
        var (entries, measurements, bytes) = _refused.Count();
        found.AddRefused(entries, measurements, bytes);
        _totals = (SpoolTotals.None + found) with { OldestAt = _waiting.OldestAt() };
        return found.Entries;
    }

    /// <summary>Makes durable what the action does, which brings so many bytes.</summary>
    /// <exception cref="SqliteException">Nothing of it was done.</exception>
    /// <exception cref="IOException">The disk has no room for it; nothing was done.</exception>
    public void Transact(long bytes, Action<SpoolFile> change)
    {
        RequireRoom(bytes);
        _begin.Run();
        try
        {
            _next = _totals;
            change(this);
            _next = _next with { OldestAt = _waiting.OldestAt() };
            _commit.Run();
        }
        catch
        {
            RollBack();
            throw;
        }

        _totals = _next;
        Transactions++;
    }

    /// <summary>Within a transaction: puts an entry at the end of the queue.</summary>
    public void Append(BucketName bucket, int measurements, DateTimeOffset at, ReadOnlySpan<byte> payload)
    {
        _waiting.Insert(bucket, measurements, at, payload);
        _next = _next with { Entries = _next.Entries + 1, Measurements = _next.Measurements + measurements, Bytes = _next.Bytes + payload.Length };
    }

    /// <summary>
    /// Within a transaction: removes entries and sets aside what was refused of them. Of a bucket whose entries are all gone already,
    /// because it was deleted meanwhile, nothing is set aside.
    /// </summary>
    public SpoolDelta Complete(IReadOnlyList<SpoolEntry> done, IReadOnlyList<SpoolRefusal> refused, DateTimeOffset at)
    {
        var delta = new SpoolDelta();
        HashSet<BucketName> deleted = [.. done.Select(entry => entry.Bucket)];
        foreach (var gone in done.Select(_waiting.Delete).Where(gone => gone.Entries > 0))
        {
            deleted.Remove(gone.Bucket);
            delta.AddWaiting(gone.Bucket, -gone.Entries, -gone.Measurements, -gone.Bytes);
        }

        foreach (var refusal in refused.Where(refusal => !deleted.Contains(refusal.Bucket)))
        {
            _refused.Insert(refusal, at);
            delta.AddRefused(1, refusal.Measurements, refusal.Payload.Length);
        }

        return Note(delta);
    }

    /// <summary>Within a transaction: puts refused entries at the end of the queue, in their order.</summary>
    public SpoolDelta Replay(IReadOnlyCollection<BucketName> buckets, long? id, DateTimeOffset at)
    {
        var delta = new SpoolDelta();
        var rows = _refused.Find(buckets, id - 1 ?? 0, id ?? long.MaxValue, int.MaxValue);
        RequireRoom(rows.Sum(row => row.Bytes));
        foreach (var row in rows)
        {
            _refused.Requeue(row, at);
            delta.AddRefused(-1, -row.Measurements, -row.Bytes);
            delta.AddWaiting(row.Bucket, 1, row.Measurements, row.Bytes);
        }

        return Note(delta);
    }

    /// <summary>Within a transaction: forgets a refused entry.</summary>
    public SpoolDelta Discard(IReadOnlyCollection<BucketName> buckets, long id)
    {
        var delta = new SpoolDelta();
        foreach (var row in _refused.Find(buckets, id - 1, id, 1))
        {
            _refused.Delete(row);
            delta.AddRefused(-1, -row.Measurements, -row.Bytes);
        }

        return Note(delta);
    }

    /// <summary>Within a transaction: forgets all of a bucket.</summary>
    public SpoolDelta Drop(BucketName bucket)
    {
        var delta = new SpoolDelta();
        var waiting = _waiting.Drop(bucket);
        var refused = _refused.Drop(bucket);
        delta.AddWaiting(bucket, -waiting.Entries, -waiting.Measurements, -waiting.Bytes);
        delta.AddRefused(-refused.Entries, -refused.Measurements, -refused.Bytes);
        return Note(delta);
    }

    /// <summary>The oldest that wait of the bucket: at least one when any waits, else no more than fit into so many bytes.</summary>
    public SpoolPeek Peek(BucketName bucket, long maxBytes) => _waiting.Peek(bucket, maxBytes);

    /// <summary>Refused entries after an id, in order; of these buckets only, unless there are none.</summary>
    public IReadOnlyList<RefusedMeasurements> ListRefused(IReadOnlyCollection<BucketName> buckets, long after, int limit) =>
        [.. _refused.Find(buckets, after, long.MaxValue, limit).Select(_refused.Describe)];

    /// <summary>
    /// Gives some of the room that was freed back to the disk, and that of the log when nothing waits; false when nothing is left to do.
    /// </summary>
    /// <exception cref="SqliteException">Nothing was given back.</exception>
    public bool Shrink()
    {
        using var free = new SqliteStatement(_connection, "PRAGMA freelist_count");
        var isWorthIt = free.Step() && free.Int64(0) > 2 * ShrinkPages;
        free.Reset();
        if (isWorthIt)
            SqliteFile.Run(_connection, $"PRAGMA incremental_vacuum({ShrinkPages})");
        else if (_totals.Entries == 0)
            SqliteFile.Run(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        return isWorthIt;
    }

    /// <summary>Fails every write from now on, as a disk that has become read-only does; for tests.</summary>
    internal void RefuseWrites() => SqliteFile.Run(_connection, "PRAGMA query_only=1");

    /// <summary>Lets the file grow by so many pages and no further, as a full disk does; for tests.</summary>
    internal void LimitGrowth(long pages) => SqliteFile.LimitGrowth(_connection, pages);

    public void Dispose()
    {
        _waiting.Dispose();
        _refused.Dispose();
        foreach (var statement in new[] { _begin, _commit, _rollback })
            statement.Dispose();
        _connection.Dispose();
    }

    // Twice: they lie in the log first, and in the file when that is moved there.
    private void RequireRoom(long bytes)
    {
        if (bytes > 0 && _disk.AvailableFreeSpace < ReservedBytes + (2 * bytes))
            throw new IOException("The disk of the spool is full, but for what it takes to remove something.");
    }

    private SpoolDelta Note(SpoolDelta delta)
    {
        _next += delta;
        return delta;
    }

    private void RollBack()
    {
        try
        {
            _rollback.Run();
        }
        catch (SqliteException)
        {
            // A failed commit has often been rolled back already; then there is nothing to roll back.
        }
    }
}
