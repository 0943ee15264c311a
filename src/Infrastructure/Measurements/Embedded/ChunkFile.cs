using System.Buffers;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// <c>chunks.db</c>: points packed by series and time, at most <see cref="ChunkCodec.MaxPoints"/> a row; rows of a series do not overlap.
/// This side writes, for the flusher and the sweeper, one transaction at a time; <see cref="ChunkSession"/> reads.
/// </summary>
internal sealed class ChunkFile : IDisposable
{
    public const string FileName = "chunks.db";

    private const int PageSize = 16384;
    private const int FreePages = 64;
    private const int ShrinkPages = 1024;
    private const long CheckUpToBytes = 64 << 20;

    private const string Version1 = """
        CREATE TABLE chunk(
            series_id INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL,
            sum REAL, min REAL, max REAL, last REAL, data BLOB NOT NULL,
            PRIMARY KEY(series_id, t0)) WITHOUT ROWID;
        CREATE TABLE damaged(series_id INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, data BLOB NOT NULL);
        """;

    private static readonly string[] Steps = [Version1];

    private readonly Lock _turn = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _deleteOldest;
    private readonly ArrayBufferWriter<byte> _encoded = new(8192);

    private ChunkFile(string file, SqliteConnection connection)
    {
        Path = file;
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _rollback = new(connection, "ROLLBACK");
        _insert = new(connection, "INSERT OR REPLACE INTO chunk(series_id, t0, t1, n, sum, min, max, last, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _delete = new(connection, "DELETE FROM chunk WHERE series_id = ? AND t0 = ?");
        _oldest = new(connection, "SELECT t0, t1 FROM chunk WHERE series_id = ? ORDER BY t0 LIMIT ?");
        _deleteOldest = new(connection, "DELETE FROM chunk WHERE series_id = ? AND t0 <= ?");
        Session = new ChunkSession(connection);
    }

    public string Path { get; }

    /// <summary>Reads on the writing connection, which sees its own transaction.</summary>
    public ChunkSession Session { get; }

    /// <exception cref="StorageStartException">The file can not be opened, is damaged, or is of a newer version.</exception>
    public static ChunkFile Open(string folder)
    {
        var file = System.IO.Path.Combine(folder, FileName);
        return SqliteFile.OpenForWriting(file, PageSize, Steps, CheckUpToBytes, connection => new ChunkFile(file, connection));
    }

    /// <summary>The highest id of a series that has chunks; 0 when there are none.</summary>
    public int LastSeriesId()
    {
        using var last = new SqliteStatement(_connection, "SELECT max(series_id) FROM chunk");
        return last.Step() && !last.IsNull(0) ? (int)last.Int64(0) : 0;
    }

    /// <summary>What of each series is packed, by its id; reads the whole file.</summary>
    public Dictionary<int, SeriesExtent> Summarize()
    {
        var found = new Dictionary<int, SeriesExtent>();
        using var rows = new SqliteStatement(_connection, "SELECT series_id, min(t0), max(t1), sum(n) FROM chunk GROUP BY series_id");
        while (rows.Step())
            found[(int)rows.Int64(0)] = new SeriesExtent(rows.Int64(1), rows.Int64(2), rows.Int64(3));
        return found;
    }

    /// <summary>Runs the work in one transaction that is on disk when this returns.</summary>
    /// <exception cref="SqliteException">Nothing was written.</exception>
    public void Write(Action work)
    {
        lock (_turn)
        {
            _begin.Run();
            try
            {
                work();
                _commit.Run();
            }
            catch
            {
                RollBack();
                throw;
            }
        }
    }

    /// <summary>Writes ascending points as chunks: full ones and a rest when they end the series, else of like size, so that none stays tiny.</summary>
    public void Insert(Series series, PointColumns points, bool isEnd)
    {
        var type = series.Field.Type;
        for (var start = 0; start < points.Count;)
        {
            var rest = points.Count - start;
            var chunks = (rest + ChunkCodec.MaxPoints - 1) / ChunkCodec.MaxPoints;
            var wanted = isEnd ? Math.Min(rest, ChunkCodec.MaxPoints) : (rest + chunks - 1) / chunks;
            _encoded.ResetWrittenCount();
            var texts = type == FieldType.Text ? points.Texts.AsSpan(start, wanted) : default;
            var count = ChunkCodec.Encode(type, points.Times.AsSpan(start, wanted), points.Bits.AsSpan(start, wanted), texts, _encoded);
            Insert(series, points, start, count);
            start += count;
        }
    }

    /// <summary>Moves the last chunk that starts before the time out of the way, for somebody to look at.</summary>
    public void SetAsideBefore(Series series, long time)
    {
        const string found = "series_id = ?1 AND t0 = (SELECT max(t0) FROM chunk WHERE series_id = ?1 AND t0 < ?2)";
        foreach (var text in new[] { $"INSERT INTO damaged SELECT series_id, t0, t1, data FROM chunk WHERE {found}", $"DELETE FROM chunk WHERE {found}" })
        {
            using var statement = new SqliteStatement(_connection, text);
            statement.Bind(1, series.Id).Bind(2, time).Run();
        }
    }

    public void Delete(Series series, long t0) => _delete.Bind(1, series.Id).Bind(2, t0).Run();

    /// <summary>Deletes the series' oldest chunks of which every point is older than the time, so many at most, and returns how many.</summary>
    public int DeleteBefore(Series series, long time, int atMost)
    {
        var (count, last) = (0, 0L);
        series.OldestChunkEnd = long.MaxValue;
        _oldest.Bind(1, series.Id).Bind(2, atMost + 1);
        for (; _oldest.Step(); count++)
        {
            if (_oldest.Int64(1) >= time || count == atMost)
            {
                series.OldestChunkEnd = _oldest.Int64(1);
                break;
            }

            last = _oldest.Int64(0);
        }

        _oldest.Reset();
        if (count > 0)
            _deleteOldest.Bind(1, series.Id).Bind(2, last).Run();
        return count;
    }

    /// <summary>The series of which damaged chunks were set aside.</summary>
    public IReadOnlyList<int> SetAsideSeries()
    {
        var found = new List<int>();
        using var rows = new SqliteStatement(_connection, "SELECT DISTINCT series_id FROM damaged");
        while (rows.Step())
            found.Add((int)rows.Int64(0));
        return found;
    }

    /// <summary>Deletes what was set aside of the series and is older than the time.</summary>
    public void DeleteSetAsideBefore(Series series, long time)
    {
        using var delete = new SqliteStatement(_connection, "DELETE FROM damaged WHERE series_id = ? AND t1 < ?");
        delete.Bind(1, series.Id).Bind(2, time).Run();
    }

    /// <summary>Gives a part of the room that deletions have left back to the disk; false when that is as good as done.</summary>
    /// <exception cref="SqliteException">It can not; nothing is lost.</exception>
    public bool ShrinkSome()
    {
        lock (_turn)
        {
            var before = CountFreePages();
            if (before <= FreePages)
                return false;
            using var vacuum = new SqliteStatement(_connection, $"PRAGMA incremental_vacuum({ShrinkPages})");
            vacuum.Run();
            return CountFreePages() < before;
        }
    }

    /// <summary>Gives the room of the log back, which is as long as what was written since the last time.</summary>
    /// <exception cref="SqliteException">It can not; nothing is lost.</exception>
    public void CutLog()
    {
        lock (_turn)
            SqliteFile.Run(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>Fails every write from now on, or no longer, as a disk that has become read-only does; for tests.</summary>
    internal void RefuseWrites(bool refuse) => SqliteFile.Run(_connection, refuse ? "PRAGMA query_only=1" : "PRAGMA query_only=0");

    /// <summary>Lets the file grow by so many pages and no further, as a full disk does; for tests.</summary>
    internal void LimitGrowth(long pages) => SqliteFile.LimitGrowth(_connection, pages);

    public void Dispose()
    {
        Session.Dispose();
        foreach (var statement in new[] { _begin, _commit, _rollback, _insert, _delete, _oldest, _deleteOldest })
            statement.Dispose();
        _connection.Dispose();
    }

    private void Insert(Series series, PointColumns points, int start, int count)
    {
        _insert.Bind(1, series.Id).Bind(2, points.Times[start]).Bind(3, points.Times[start + count - 1]).Bind(4, count);
        BindSummary(series.Field.Type, points.Bits.AsSpan(start, count));
        _insert.Bind(9, _encoded.WrittenSpan).Run();
        series.OldestChunkEnd = Math.Min(series.OldestChunkEnd, points.Times[start + count - 1]);
    }

    private void BindSummary(FieldType type, ReadOnlySpan<long> bits)
    {
        if (type == FieldType.Text)
        {
            for (var column = 5; column <= 8; column++)
                _insert.BindNull(column);
            return;
        }

        var (sum, min, max, last) = (0.0, double.PositiveInfinity, double.NegativeInfinity, 0.0);
        foreach (var value in bits)
        {
            last = type == FieldType.Boolean ? value : BitConverter.Int64BitsToDouble(value);
            sum += last;
            min = Math.Min(min, last);
            max = Math.Max(max, last);
        }

        _insert.Bind(5, sum).Bind(6, min).Bind(7, max).Bind(8, last);
    }

    private long CountFreePages()
    {
        using var count = new SqliteStatement(_connection, "PRAGMA freelist_count");
        return count.Step() ? count.Int64(0) : 0;
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
