using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Walks the points of one series in one direction, block by block. Each block takes from the memtable first and then looks for the
/// neighbouring chunk, so that a point that is flushed in between is met in one of them; it ends where both are sure to be complete.
/// Between blocks nothing is held: flushes and deletions go on.
/// </summary>
internal sealed class SeriesReader(Series series, Memtable memtable, ChunkSessions.Lease lease, bool descending, long from, long to)
{
    private const int Block = 256;

    private readonly PointColumns _recent = new();
    private readonly PointColumns _points = new();
    private long _low = from;
    private long _high = to;
    private int _index = -1;

    public Series Series => series;

    /// <summary>Time of the current point; only after <see cref="MoveNext"/> was true.</summary>
    public long Time => _points.Times[_index];

    public FieldValue Value => series.ToValue(_points.Bits[_index], _points.Texts.Length > _index ? _points.Texts[_index] : null);

    public LatestPoint Point => new(Time, _points.Bits[_index], _points.Texts.Length > _index ? _points.Texts[_index] : null);

    /// <summary>Goes to the next point; false when there is none in the range.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file can not be read.</exception>
    /// <exception cref="InvalidDataException">A chunk is damaged.</exception>
    public bool MoveNext()
    {
        if (++_index < _points.Count)
            return true;
        while (_low < _high)
        {
            Fill();
            if (_points.Count > 0)
            {
                _index = 0;
                return true;
            }
        }

        return false;
    }

    // The part of [_low, _high) next in direction goes into _points in that direction, and is taken off the range.
    private void Fill()
    {
        var (mayHaveChunks, deleted) = TakeRecent();
        var isRecentCut = _recent.Count == Block;
        var edge = isRecentCut ? _recent.Times[Block - 1] : descending ? _low : _high - 1;
        lease.Chunk.Clear();
        var bounds = mayHaveChunks ? FindChunk() : null;
        if (bounds is { } found)
            edge = descending ? Math.Max(edge, found.T0) : Math.Min(edge, found.T1);
        Merge(descending ? edge : _low, descending ? _high - 1 : edge, deleted);
        if (descending)
            _high = edge;
        else
            _low = edge == long.MaxValue ? _high : edge + 1;
    }

    private (bool MayHaveChunks, TimeRange[] Deleted) TakeRecent()
    {
        _recent.Clear();
        lock (memtable.Gate)
        {
            CopyRecent(series.Active, series.Frozen, memtable.DeletedFromFrozen(series));
            return (series.MayHaveChunks || series.Frozen is not null, memtable.DeletedFromChunks(series));
        }
    }

    private void CopyRecent(SeriesBuffer? active, SeriesBuffer? frozen, TimeRange[] deleted)
    {
        var (a, aEnd) = Positions(active);
        var (f, fEnd) = Positions(frozen);
        var step = descending ? -1 : 1;
        while (_recent.Count < Block && (a != aEnd || f != fEnd))
        {
            var order = a == aEnd ? 1 : f == fEnd ? -1 : active!.Times[a].CompareTo(frozen!.Times[f]) * step;
            if (order <= 0)
            {
                Copy(active!, a, []);
                a += step;
            }
            else
            {
                Copy(frozen!, f, deleted);
            }

            if (order >= 0)
                f += step;
        }
    }

    private (int Start, int End) Positions(SeriesBuffer? buffer)
    {
        if (buffer is null)
            return (0, 0);
        var (start, end) = (buffer.LowerBound(_low), buffer.LowerBound(_high));
        return descending ? (end - 1, start - 1) : (start, end);
    }

    private void Copy(SeriesBuffer buffer, int index, TimeRange[] deleted)
    {
        var time = buffer.Times[index];
        if (!IsIn(deleted, time))
            _recent.Add(time, buffer.Bits[index], buffer.Texts.IsEmpty ? null : buffer.Texts[index]);
    }

    private ChunkBounds? FindChunk()
    {
        if (descending)
            return lease.Session.ReadBefore(series, _high, lease.Chunk) is { } before && before.T1 >= _low ? before : Nothing();

        // The chunk that holds the start begins at it or before; only when there is none, the next one counts.
        if (_low != long.MaxValue && lease.Session.ReadBefore(series, _low + 1, lease.Chunk) is { } holding && holding.T1 >= _low)
            return holding;
        return lease.Session.ReadAfter(series, _low, lease.Chunk) is { } after && after.T0 < _high ? after : Nothing();
    }

    private ChunkBounds? Nothing()
    {
        lease.Chunk.Clear();
        return null;
    }

    // Of a time in both, the recent value is the newer one.
    private void Merge(long first, long last, TimeRange[] deleted)
    {
        _points.Clear();
        var chunk = lease.Chunk;
        var step = descending ? -1 : 1;
        var c = descending ? chunk.Count - 1 : 0;
        var r = 0;
        while (true)
        {
            while (c >= 0 && c < chunk.Count && (chunk.Times[c] < first || chunk.Times[c] > last || IsIn(deleted, chunk.Times[c])))
                c += step;
            var hasChunk = c >= 0 && c < chunk.Count;
            var hasRecent = r < _recent.Count && _recent.Times[r] >= first && _recent.Times[r] <= last;
            if (!hasChunk && !hasRecent)
                return;
            var order = !hasChunk ? -1 : !hasRecent ? 1 : _recent.Times[r].CompareTo(chunk.Times[c]) * step;
            if (order <= 0)
                Add(_recent, r++);
            else
                Add(chunk, c);
            if (order >= 0)
                c += step;
        }
    }

    private void Add(PointColumns from, int index) =>
        _points.Add(from.Times[index], from.Bits[index], from.Texts.Length > index ? from.Texts[index] : null);

    private static bool IsIn(TimeRange[] ranges, long time)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(new Timestamp(time)))
                return true;
        }

        return false;
    }
}
