using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// <c>inbox.db</c>: the catalog, and one row a commit until its points are in chunks. A commit is on disk when it returns.
/// Used by the committer's thread alone once it is open.
/// </summary>
internal sealed class InboxFile : IDisposable
{
    public const string FileName = "inbox.db";

    private const int PageSize = 4096;
    private const int TrimRows = 64;
    private const long TrimBytes = 1 << 20;
    private const int ShrinkPages = 256;

    private const string Rows = """
        CREATE TABLE inbox(sequence INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE progress(id INTEGER PRIMARY KEY CHECK (id = 1), trimmed INTEGER NOT NULL);
        INSERT INTO progress(id, trimmed) VALUES (1, 0);
        """;

    private const string DevicesAreThere = "ALTER TABLE progress ADD COLUMN has_devices INTEGER NOT NULL DEFAULT 0;";
    private const int DevicesACommit = 64;
    private const int DevicesInAnIdleTurn = 512;

    private static readonly string[] Steps = [CatalogTables.Version1 + Rows, CatalogTables.Version2, CatalogTables.Version3 + DevicesAreThere];

    private readonly Queue<(long Sequence, long Bytes)> _rows = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _trim;
    private readonly SqliteStatement _setTrimmed;
    private readonly CatalogTables _tables;
    private long _trimmed;

    private InboxFile(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _rollback = new(connection, "ROLLBACK");
        _insert = new(connection, "INSERT INTO inbox(sequence, data) VALUES (?, ?)");
        _trim = new(connection, "DELETE FROM inbox WHERE sequence > ? AND sequence <= ?");
        _setTrimmed = new(connection, "UPDATE progress SET trimmed = ?");
        _tables = new CatalogTables(connection);
    }

    /// <summary>The last row that was committed, also when it has been trimmed since.</summary>
    public long Sequence { get; private set; }

    /// <summary>What the devices have sent.</summary>
    public DeviceTally Devices { get; } = new();

    /// <summary>Rows up to this one are gone.</summary>
    public long Trimmed => _trimmed;

    /// <exception cref="StorageStartException">The file can not be opened, is damaged, or is of a newer version.</exception>
    public static InboxFile Open(string folder) =>
        SqliteFile.OpenForWriting(Path.Combine(folder, FileName), PageSize, Steps, long.MaxValue, connection => new InboxFile(connection));

    /// <summary>Fills the catalog, and the memtable with all that is not in chunks yet.</summary>
    /// <exception cref="InvalidDataException">A row is damaged.</exception>
    public void Load(Catalog catalog, Memtable memtable)
    {
        _tables.Load(catalog);
        using (var progress = new SqliteStatement(_connection, "SELECT trimmed FROM progress"))
            Sequence = _trimmed = progress.Step() ? progress.Int64(0) : 0;
        Devices.Begin(_trimmed);
        using var rows = new SqliteStatement(_connection, "SELECT sequence, data FROM inbox ORDER BY sequence");
        var points = new List<GroupPoint>();
        while (rows.Step())
        {
            Sequence = rows.Int64(0);
            _rows.Enqueue((Sequence, rows.Blob(1).Length));
            points.Clear();
            var received = InboxRecord.Read(rows.Blob(1), catalog, points.Add, (series, range) => memtable.Delete(series, range, Sequence));
            var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(points);
            memtable.Apply(all);
            memtable.Advance(Sequence);

            // Rows without a time are of a format that knew no devices; those are filled in afterwards.
            Devices.Count(received is null ? [] : all, Sequence, received ?? 0);
        }

        memtable.Advance(Sequence);
    }

    /// <summary>
    /// Writes what is new in the catalog and one row, durably. Rows up to <paramref name="flushed"/> are removed along the way,
    /// a few a commit and in ascending order, so that no commit is long, once what they tell of devices is written. Of the forgotten devices it
    /// writes that nothing is left.
    /// </summary>
    /// <exception cref="SqliteException">Nothing was written.</exception>
    public void Commit(Catalog catalog, ReadOnlySpan<byte> record, long flushed, params IReadOnlyList<StoredDevice> forgotten)
    {
        _begin.Run();
        try
        {
            _tables.InsertNew(catalog);
            _insert.Bind(1, Sequence + 1).Bind(2, record).Run();
            var countedTo = Devices.Save(_tables, flushed, DevicesACommit);
            for (var i = 0; i < forgotten.Count; i++)
                _tables.SaveForgotten(forgotten[i], Sequence + 1);
            var trimmed = Trim(Math.Min(flushed, countedTo));
            _commit.Run();
            Devices.Saved();
            Sequence++;
            _rows.Enqueue((Sequence, record.Length));
            Forget(trimmed);
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Commits nothing new, durably, to see that it works.</summary>
    /// <exception cref="SqliteException">It does not.</exception>
    public void Probe() => Change(_ => _setTrimmed.Bind(1, _trimmed).Run());

    /// <summary>Changes the catalog's tables in one transaction that is on disk when this returns.</summary>
    /// <exception cref="SqliteException">Nothing was changed.</exception>
    public void Change(Action<CatalogTables> change)
    {
        _begin.Run();
        try
        {
            change(_tables);
            _commit.Run();
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Writes the records of all devices, of a file that was written before there were any; nothing when they are there.</summary>
    /// <exception cref="SqliteException">Nothing was written.</exception>
    public void FillDevices(Action fill, IEnumerable<StoredDevice> devices)
    {
        using var progress = new SqliteStatement(_connection, "SELECT has_devices FROM progress");
        if (progress.Step() && progress.Int64(0) != 0)
            return;
        progress.Reset();
        fill();
        Change(tables =>
        {
            foreach (var device in devices)
                tables.Save(device, Sequence);
            using var done = new SqliteStatement(_connection, "UPDATE progress SET has_devices = 1");
            done.Run();
        });
    }

    /// <summary>
    /// Removes a few rows up to <paramref name="flushed"/>, then gives some of the room that they took back to the disk; false when
    /// nothing of either is left to do.
    /// </summary>
    /// <exception cref="SqliteException">Nothing was removed.</exception>
    public bool TrimSome(long flushed)
    {
        if (_trimmed >= flushed)
            return Shrink();
        var trimmed = _trimmed;
        Change(tables => trimmed = Trim(Math.Min(flushed, Devices.Save(tables, flushed, DevicesInAnIdleTurn))));
        Devices.Saved();
        Forget(trimmed);
        return true;
    }

    /// <summary>Fails every write from now on, or no longer, as a disk that has become read-only does; for tests.</summary>
    internal void RefuseWrites(bool refuse) => SqliteFile.Run(_connection, refuse ? "PRAGMA query_only=1" : "PRAGMA query_only=0");

    /// <summary>Lets the file grow by so many pages and no further, as a full disk does; for tests.</summary>
    internal void LimitGrowth(long pages) => SqliteFile.LimitGrowth(_connection, pages);

    public void Dispose()
    {
        foreach (var statement in new[] { _begin, _commit, _rollback, _insert, _trim, _setTrimmed })
            statement.Dispose();
        _tables.Dispose();
        _connection.Dispose();
    }

    private long Trim(long flushed)
    {
        if (_trimmed >= flushed)
            return _trimmed;
        var upTo = TrimmableUpTo(flushed);
        _trim.Bind(1, _trimmed).Bind(2, upTo).Run();
        _setTrimmed.Bind(1, upTo).Run();
        return upTo;
    }

    // A few rows of single measurements, or one of a hundred thousand: what counts is how long the commit takes.
    private long TrimmableUpTo(long flushed)
    {
        var (upTo, count, bytes) = (flushed, 0, 0L);
        foreach (var row in _rows)
        {
            if (row.Sequence > flushed)
                break;
            (upTo, bytes) = (row.Sequence, bytes + row.Bytes);
            if (++count == TrimRows || bytes > TrimBytes)
                break;
        }

        return upTo;
    }

    private void Forget(long trimmed)
    {
        _trimmed = trimmed;
        while (_rows.TryPeek(out var oldest) && oldest.Sequence <= trimmed)
            _rows.Dequeue();
    }

    private bool Shrink()
    {
        using var free = new SqliteStatement(_connection, "PRAGMA freelist_count");
        var isWorthIt = free.Step() && free.Int64(0) > 2 * ShrinkPages;
        free.Reset();
        if (isWorthIt)
            SqliteFile.Run(_connection, $"PRAGMA incremental_vacuum({ShrinkPages})");
        return isWorthIt;
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
