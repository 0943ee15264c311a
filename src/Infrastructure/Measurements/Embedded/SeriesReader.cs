using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Walks the points of one series in one direction, block by block. Each block takes from the memtable first and then looks for the
/// neighbouring chunk, so that a point that is flushed in between is met in one of them; it ends where both are sure to be complete.
/// Between blocks nothing is held: flushes and deletions go on.
/// </summary>
/// <param name="block">Points to hold at a time, at most; who holds many readers open takes fewer, and has chunks unpacked more than once for it.</param>
internal sealed class SeriesReader(
    Series series, Memtable memtable, ChunkSessions.Lease lease, bool descending, long from, long to, int block = SeriesReader.Block)
{
    public const int Block = 256;

    private readonly PointColumns _points = new();
    private long _low = from;
    private long _high = to;
    private int _index = -1;

    public Series Series => series;

    /// <summary>Time of the current point; only after <see cref="MoveNext"/> was true.</summary>
    public long Time => _points.Times[_index];

    public FieldValue Value => series.ToValue(_points.Bits[_index], _points.Texts.Length > _index ? _points.Texts[_index] : null);

    /// <summary>The value of a series of numbers.</summary>
    public double Number => BitConverter.Int64BitsToDouble(_points.Bits[_index]);

    /// <summary>True when all points that are held have been taken, so that a whole chunk may come next.</summary>
    public bool IsBetweenBlocks => _index + 1 >= _points.Count;

    public LatestPoint Point => new(Time, _points.Bits[_index], _points.Texts.Length > _index ? _points.Texts[_index] : null);

    /// <summary>
    /// Takes the next chunk by its summary alone, without unpacking it; ascending only. Null when the next points have to be taken one by one: they are in
    /// memory, the chunk holds something that was deleted or written anew, or not all of it lies in the range and in one window.
    /// </summary>
    /// <param name="time">Of the chunk's first point.</param>
    /// <param name="isOne">Whether two times lie in one window.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file can not be read.</exception>
    public WindowSummary? TakeSummary(out long time, Func<long, long, bool> isOne)
    {
        time = 0;
        if (!IsBetweenBlocks || _low >= _high)
            return null;

        // Memory first: what is flushed in between lies in both, and is seen to be recent.
        var (mayHaveChunks, deleted) = TakeRecent();
        if (!mayHaveChunks || lease.Session.SummaryFrom(series, _low) is not { } found)
            return null;
        var (bounds, summary) = found;
        if (bounds.T1 >= _high || !isOne(bounds.T0, bounds.T1) || (lease.Recent.Count > 0 && lease.Recent.Times[0] <= bounds.T1))
            return null;
        if (deleted.Any(range => range.From.Nanoseconds <= bounds.T1 && range.To.Nanoseconds > bounds.T0))
            return null;
        _low = bounds.T1 + 1;
        time = bounds.T0;
        return summary;
    }

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
        var isRecentCut = lease.Recent.Count == block;
        var edge = isRecentCut ? lease.Recent.Times[block - 1] : descending ? _low : _high - 1;
        lease.Chunk.Clear();
        var bounds = mayHaveChunks ? FindChunk() : null;
        if (bounds is { } found)
            edge = descending ? Math.Max(edge, found.T0) : Math.Min(edge, found.T1);
        if (Merge(descending ? edge : _low, descending ? _high - 1 : edge, deleted) is { } cut)
            edge = cut;
        if (descending)
            _high = edge;
        else
            _low = edge == long.MaxValue ? _high : edge + 1;
    }

    private (bool MayHaveChunks, TimeRange[] Deleted) TakeRecent()
    {
        lease.Recent.Clear();
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
        while (lease.Recent.Count < block && (a != aEnd || f != fEnd))
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
            lease.Recent.Add(time, buffer.Bits[index], buffer.Texts.IsEmpty ? null : buffer.Texts[index]);
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

    // Of a time in both, the recent value is the newer one. Returns the time of the last point when there was no room for more.
    private long? Merge(long first, long last, TimeRange[] deleted)
    {
        _points.Clear();
        var chunk = lease.Chunk;
        var step = descending ? -1 : 1;
        var c = descending ? chunk.Count - 1 : 0;
        var r = 0;
        while (_points.Count < block)
        {
            while (c >= 0 && c < chunk.Count && (chunk.Times[c] < first || chunk.Times[c] > last || IsIn(deleted, chunk.Times[c])))
                c += step;
            var hasChunk = c >= 0 && c < chunk.Count;
            var hasRecent = r < lease.Recent.Count && lease.Recent.Times[r] >= first && lease.Recent.Times[r] <= last;
            if (!hasChunk && !hasRecent)
                return null;
            var order = !hasChunk ? -1 : !hasRecent ? 1 : lease.Recent.Times[r].CompareTo(chunk.Times[c]) * step;
            if (order <= 0)
                Add(lease.Recent, r++);
            else
                Add(chunk, c);
            if (order >= 0)
                c += step;
        }

        return _points.Times[_points.Count - 1];
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
