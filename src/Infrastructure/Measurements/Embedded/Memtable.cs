using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// The points that are in the inbox but not yet in chunks, by series, and the deletions likewise. A flush freezes what there is;
/// what comes meanwhile gathers beside it. Everything happens under <see cref="Gate"/>, in short steps.
/// </summary>
internal sealed class Memtable
{
    private readonly List<Tombstone> _tombstones = [];
    private List<Series> _dirty = [];
    private long _activeBytes;
    private long _frozenBytes;

    public Lock Gate { get; } = new();

    /// <summary>Bytes of points that no flush has begun to write.</summary>
    public long ActiveBytes => Interlocked.Read(ref _activeBytes);

    public long TotalBytes => ActiveBytes + Interlocked.Read(ref _frozenBytes);

    /// <summary>The last inbox row that is in here.</summary>
    public long AppliedSequence { get; private set; }

    /// <summary>The last inbox row whose points are frozen or in chunks.</summary>
    public long FrozenSequence { get; private set; }

    /// <summary>True while something waits for a flush, be it only that it lets inbox rows go.</summary>
    public bool HasUnflushed => ActiveBytes > 0 || _tombstones.Count > 0 || AppliedSequence > FrozenSequence;

    public void Apply(ReadOnlySpan<GroupPoint> points)
    {
        for (var length = 0; !points.IsEmpty; points = points[length..])
        {
            length = StepOf(points);
            lock (Gate)
            {
                foreach (ref readonly var point in points[..length])
                    Add(point);
            }
        }
    }

    /// <summary>Everything up to this inbox row has been applied.</summary>
    public void Advance(long sequence)
    {
        lock (Gate)
            AppliedSequence = sequence;
    }

    public void Delete(IReadOnlyList<Series> series, TimeRange range, long sequence)
    {
        lock (Gate)
        {
            foreach (var one in series)
            {
                one.Active?.RemoveRange(range.From.Nanoseconds, range.To.Nanoseconds);
                one.Revision++;
                if (one.Latest is { } latest && range.Contains(new Timestamp(latest.Time)))
                    (one.Latest, one.IsLatestKnown) = (null, false);
            }

            var pending = series.Where(one => one.MayHaveChunks || one.Frozen is not null).ToHashSet();
            if (pending.Count > 0)
                _tombstones.Add(new Tombstone(sequence, range, pending));
            AppliedSequence = sequence;
        }
    }

    /// <summary>Lets go of what there is of a deleted bucket. What a flush is writing already goes with that flush.</summary>
    public void Drop(BucketCatalog bucket)
    {
        foreach (var origin in bucket.Origins)
        {
            lock (Gate)
            {
                foreach (var series in origin.Fields)
                {
                    _activeBytes -= series.Active?.Bytes ?? 0;
                    (series.Active, series.Latest, series.IsLatestKnown) = (null, null, false);
                    series.Revision++;
                }
            }
        }
    }

    /// <summary>Chunks that end before the time are gone: what was known as the newest point may have been in one of them.</summary>
    public void ForgetLatestBefore(long time, IEnumerable<Series> swept)
    {
        lock (Gate)
        {
            foreach (var series in swept)
            {
                series.Revision++;
                if (series.Latest is { } latest && latest.Time < time)
                    (series.Latest, series.IsLatestKnown) = (null, false);
            }
        }
    }

    /// <summary>How many points of a series wait here that are not older than the time, and the memory that all of them take.</summary>
    public (long Points, long Bytes) CountSince(Series series, long oldest)
    {
        lock (Gate)
        {
            var (points, bytes) = (0L, 0L);
            foreach (var buffer in new[] { series.Active, series.Frozen })
            {
                if (buffer is null)
                    continue;
                points -= buffer.LowerBound(oldest);
                points += buffer.Count;
                bytes += buffer.Bytes;
            }

            return (points, bytes);
        }
    }

    /// <summary>What of a series waits here.</summary>
    public SeriesExtent ExtentOf(Series series)
    {
        lock (Gate)
        {
            var found = SeriesExtent.None;
            foreach (var buffer in new[] { series.Active, series.Frozen })
            {
                if (buffer is { Count: > 0 })
                    found = new SeriesExtent(Math.Min(found.First, buffer.Times[0]), Math.Max(found.Last, buffer.Times[^1]), found.Points + buffer.Count);
            }

            return found;
        }
    }

    /// <summary>Freezes what there is and returns the series to be written, those with points and those with deletions.</summary>
    public IReadOnlyList<Series> Freeze()
    {
        List<Series> frozen;
        lock (Gate)
        {
            (frozen, _dirty) = (_dirty, []);
            foreach (var series in frozen)
            {
                // Sorted now, so that the flusher and readers can share it: from here on it never changes.
                series.Active?.Sort();
                (series.Frozen, series.Active) = (series.Active, null);
            }

            (_frozenBytes, _activeBytes) = (_activeBytes, 0);
            FrozenSequence = AppliedSequence;
            frozen.AddRange(_tombstones.SelectMany(tombstone => tombstone.Pending).Where(series => series.Frozen is null));
        }

        return [.. frozen.Distinct().OrderBy(series => series.Id)];
    }

    /// <summary>Puts back what a failed flush did not write; newer points win.</summary>
    public void Thaw(IEnumerable<Series> unwritten)
    {
        lock (Gate)
        {
            foreach (var series in unwritten)
                Thaw(series);
            _frozenBytes = 0;
        }
    }

    /// <summary>The series' points and deletions up to the frozen row are in its chunks now, durably.</summary>
    public void Release(ReadOnlySpan<Series> written)
    {
        lock (Gate)
        {
            foreach (var series in written)
            {
                if (series.Frozen is { } frozen)
                    Interlocked.Add(ref _frozenBytes, -frozen.Bytes);
                series.Frozen = null;
                series.MayHaveChunks = true;
                foreach (var tombstone in _tombstones)
                {
                    if (tombstone.Sequence <= FrozenSequence)
                        tombstone.Pending.Remove(series);
                }
            }

            _tombstones.RemoveAll(tombstone => tombstone.Pending.Count == 0);
        }
    }

    /// <summary>Ranges cut out of the series' chunks; call under <see cref="Gate"/>.</summary>
    public TimeRange[] DeletedFromChunks(Series series) => _tombstones.Count == 0 ? [] : Ranges(series, long.MinValue, long.MaxValue);

    /// <summary>Ranges cut out of the series' frozen points; call under <see cref="Gate"/>.</summary>
    public TimeRange[] DeletedFromFrozen(Series series) => _tombstones.Count == 0 ? [] : Ranges(series, FrozenSequence + 1, long.MaxValue);

    /// <summary>Ranges that the flush of the frozen points cuts out of chunks.</summary>
    public TimeRange[] DeletedByFlush(Series series)
    {
        lock (Gate)
            return _tombstones.Count == 0 ? [] : Ranges(series, long.MinValue, FrozenSequence);
    }

    // A reader waits for about a thousand points at most, and never meets a part of a measurement.
    private static int StepOf(ReadOnlySpan<GroupPoint> points)
    {
        const int step = 1000;
        var length = Math.Min(step, points.Length);
        while (length < points.Length && points[length].Series.Origin == points[length - 1].Series.Origin && points[length].Time == points[length - 1].Time)
            length++;
        return length;
    }

    private TimeRange[] Ranges(Series series, long fromSequence, long toSequence) =>
    [
        .. _tombstones
            .Where(tombstone => tombstone.Sequence >= fromSequence && tombstone.Sequence <= toSequence && tombstone.Pending.Contains(series))
            .Select(tombstone => tombstone.Range),
    ];

    private void Add(in GroupPoint point)
    {
        var series = point.Series;
        if (series.Active is not { } buffer)
        {
            series.Active = buffer = new SeriesBuffer();
            _dirty.Add(series);
            _activeBytes += buffer.Bytes;
        }

        var before = buffer.Bytes;
        buffer.Add(point.Time, point.Bits, point.Text);
        _activeBytes += buffer.Bytes - before;
        series.Revision++;
        if (series.IsLatestKnown && !(series.Latest?.Time > point.Time))
            series.Latest = new LatestPoint(point.Time, point.Bits, point.Text);
    }

    private void Thaw(Series series)
    {
        if (series.Frozen is not { } frozen)
            return;
        var deleted = DeletedFromFrozen(series);
        series.Frozen = null;
        var newer = series.Active;
        _activeBytes -= newer?.Bytes ?? 0;
        if (newer is null)
            _dirty.Add(series);
        foreach (var range in deleted)
            frozen.RemoveRange(range.From.Nanoseconds, range.To.Nanoseconds);
        for (var i = 0; i < (newer?.Count ?? 0); i++)
            frozen.Add(newer!.Times[i], newer.Bits[i], newer.Texts.IsEmpty ? null : newer.Texts[i]);
        series.Active = frozen;
        _activeBytes += frozen.Bytes;
    }
}
