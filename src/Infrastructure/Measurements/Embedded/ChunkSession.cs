using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Reads chunks over one connection. Each look-up sees the newest state; not safe for concurrent use.</summary>
internal sealed class ChunkSession(SqliteConnection connection) : IDisposable
{
    private const string Summary = "t0, t1, n, sum, min, max, last";

    private readonly SqliteStatement _before = new(connection, "SELECT t0, t1, data FROM chunk WHERE series_id = ? AND t0 < ? ORDER BY t0 DESC LIMIT 1");
    private readonly SqliteStatement _after = new(connection, "SELECT t0, t1, data FROM chunk WHERE series_id = ? AND t0 > ? ORDER BY t0 LIMIT 1");
    private readonly SqliteStatement _summaryBefore = new(connection, $"SELECT {Summary} FROM chunk WHERE series_id = ? AND t0 < ? ORDER BY t0 DESC LIMIT 1");
    private readonly SqliteStatement _summaryFrom = new(connection, $"SELECT {Summary} FROM chunk WHERE series_id = ? AND t0 >= ? ORDER BY t0 LIMIT 1");
    private readonly SqliteStatement _starts = new(connection, "SELECT t0, t1 FROM chunk WHERE series_id = ? AND t0 >= ? AND t0 <= ? ORDER BY t0");
    private readonly SqliteStatement _count = new(connection, "SELECT sum(n), sum(length(data)) FROM chunk WHERE series_id = ? AND t1 >= ?");

    /// <summary>Decodes the last chunk that starts before the time into <paramref name="into"/>; null when there is none.</summary>
    /// <exception cref="SqliteException">The file can not be read.</exception>
    /// <exception cref="InvalidDataException">The chunk is damaged.</exception>
    public ChunkBounds? ReadBefore(Series series, long time, PointColumns into) => Read(_before.Bind(1, series.Id).Bind(2, time), series, into);

    /// <summary>Decodes the first chunk that starts after the time into <paramref name="into"/>; null when there is none.</summary>
    /// <exception cref="SqliteException">The file can not be read.</exception>
    /// <exception cref="InvalidDataException">The chunk is damaged.</exception>
    public ChunkBounds? ReadAfter(Series series, long time, PointColumns into) => Read(_after.Bind(1, series.Id).Bind(2, time), series, into);

    /// <summary>
    /// Bounds and summary of the first chunk that starts at the time or after it; null when there is none, and when the time lies within a chunk.
    /// </summary>
    /// <exception cref="SqliteException">The file can not be read.</exception>
    public (ChunkBounds Bounds, WindowSummary Summary)? SummaryFrom(Series series, long time)
    {
        try
        {
            if (_summaryBefore.Bind(1, series.Id).Bind(2, time).Step() && _summaryBefore.Int64(1) >= time)
                return null;
            if (!_summaryFrom.Bind(1, series.Id).Bind(2, time).Step())
                return null;
            var row = _summaryFrom;
            return (new ChunkBounds(row.Int64(0), row.Int64(1)), new WindowSummary(row.Int64(2), row.Double(3), row.Double(4), row.Double(5), row.Double(6)));
        }
        finally
        {
            _summaryBefore.Reset();
            _summaryFrom.Reset();
        }
    }

    /// <summary>Bounds of the chunks that start in the closed range.</summary>
    public List<ChunkBounds> Starts(Series series, long from, long to)
    {
        _starts.Bind(1, series.Id).Bind(2, from).Bind(3, to);
        var found = new List<ChunkBounds>();
        while (_starts.Step())
            found.Add(new ChunkBounds(_starts.Int64(0), _starts.Int64(1)));
        _starts.Reset();
        return found;
    }

    /// <summary>Points and bytes of the series' chunks that do not end before the time.</summary>
    /// <exception cref="SqliteException">The file can not be read.</exception>
    public (long Points, long Bytes) CountSince(Series series, long oldest)
    {
        try
        {
            _count.Bind(1, series.Id).Bind(2, oldest).Step();
            return (_count.Int64(0), _count.Int64(1));
        }
        finally
        {
            _count.Reset();
        }
    }

    public void Dispose()
    {
        _count.Dispose();
        _summaryBefore.Dispose();
        _summaryFrom.Dispose();
        _before.Dispose();
        _after.Dispose();
        _starts.Dispose();
    }

    private static ChunkBounds? Read(SqliteStatement statement, Series series, PointColumns into)
    {
        into.Clear();
        try
        {
            if (!statement.Step())
                return null;
            ChunkCodec.Decode(series.Field.Type, statement.Blob(2), into);
            return new ChunkBounds(statement.Int64(0), statement.Int64(1));
        }
        finally
        {
            statement.Reset();
        }
    }
}

/// <summary>Times of a chunk's first and last point.</summary>
internal readonly record struct ChunkBounds(long T0, long T1);
