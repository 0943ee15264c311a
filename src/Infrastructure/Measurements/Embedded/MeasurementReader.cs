using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Reads measurements of many origins in the order of time, ties by key. An origin is opened only when the time has come that it can have
/// the next measurement, so that the newest hundred of a hundred thousand devices cost about a hundred look-ups.
/// </summary>
internal sealed class MeasurementReader(Memtable memtable, ChunkSessions sessions)
{
    public MeasurementPage Read(BucketCatalog bucket, MeasurementQuery query, CancellationToken cancellationToken)
    {
        using var lease = sessions.Rent();
        var items = new List<Measurement>(Math.Min(query.Limit, 1024));

        // A page takes no more points of a series than it has measurements, and that of the next one which tells that there is more.
        var block = Math.Min(SeriesReader.Block - 1, query.Limit) + 1;
        foreach (var measurement in Walk(bucket, query, lease, block, cancellationToken))
        {
            if (items.Count == query.Limit)
                return new MeasurementPage(items, HasMore: true);
            items.Add(measurement);
        }

        return new MeasurementPage(items, HasMore: false);
    }

    /// <summary>How many measurements a selection holds.</summary>
    public long Count(BucketCatalog bucket, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        using var lease = sessions.Rent();
        var query = new MeasurementQuery(selection, SortOrder.Ascending, 1, null);
        var count = 0L;
        foreach (var origin in Select(bucket, selection.Filter))
        {
            // One origin after the other: a number needs no order, and so nothing is kept.
            if (TryReader(origin, query, lease, descending: false, SeriesReader.Block, cancellationToken) is not { } reader)
                continue;
            for (var hasNext = reader.Open(cancellationToken); hasNext; count++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                reader.Take(out hasNext);
            }
        }

        return count;
    }

    /// <summary>The newest values of one page of origins, in the order of their keys; without those that are too old.</summary>
    public LatestPage ReadLatest(BucketCatalog bucket, LatestQuery query, CancellationToken cancellationToken)
    {
        using var lease = sessions.Rent();
        var items = new List<LatestValues>();
        var origins = Select(bucket, query.Filter).Where(origin => query.After is null || Compare(origin, query.After) > 0).ToArray();
        Array.Sort(origins, static (a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        foreach (var origin in origins)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fields = SelectFields(origin, query.Filter)
                .Select(series => (series.Field.Name, series, Latest: Latest(series, lease)))
                .Where(field => field.Latest?.Time >= query.Oldest.Nanoseconds)
                .Select(field => new LatestField(
                    field.Name, field.series.ToValue(field.Latest!.Value.Bits, field.Latest.Value.Text), new Timestamp(field.Latest.Value.Time)))
                .ToArray();
            if (fields.Length == 0)
                continue;
            if (items.Count == query.Limit)
                return new LatestPage(items, HasMore: true);
            items.Add(new LatestValues(origin.Key, fields));
        }

        return new LatestPage(items, HasMore: false);
    }

    /// <summary>The series that a filter selects.</summary>
    public static IEnumerable<Series> SelectSeries(BucketCatalog bucket, MeasurementFilter filter) =>
        Select(bucket, filter).SelectMany(origin => SelectFields(origin, filter));

    /// <summary>All measurements in the query's order, whatever its limit; between two of them nothing is held of the files.</summary>
    /// <param name="block">Points of a series to hold at a time, at most.</param>
    public IEnumerable<Measurement> Walk(
        BucketCatalog bucket, MeasurementQuery query, ChunkSessions.Lease lease, int block, CancellationToken cancellationToken)
    {
        var descending = query.Order == SortOrder.Descending;
        var waiting = new PriorityQueue<OriginReader, OriginReader>(new InOrder(descending));
        foreach (var origin in Select(bucket, query.Selection.Filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryReader(origin, query, lease, descending, block, cancellationToken) is { } reader)
                waiting.Enqueue(reader, reader);
        }

        while (waiting.TryDequeue(out var next, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hasNext = true;
            if (next.IsOpen)
                yield return next.Take(out hasNext);
            else
                hasNext = next.Open(cancellationToken);
            if (hasNext)
                waiting.Enqueue(next, next);
        }
    }

    private OriginReader? TryReader(
        Origin origin, MeasurementQuery query, ChunkSessions.Lease lease, bool descending, int block, CancellationToken cancellationToken)
    {
        var fields = SelectFields(origin, query.Selection.Filter);
        var (from, to) = (query.Selection.Range.From.Nanoseconds, query.Selection.Range.To.Nanoseconds);
        if (query.After is { } after)
        {
            // Of the time where the page before ended, only the keys beyond the last one are left.
            var isBeyond = descending ? Compare(origin, after.Key) < 0 : Compare(origin, after.Key) > 0;
            var time = after.Timestamp.Nanoseconds;
            if (descending)
                to = Math.Min(to, isBeyond && time < long.MaxValue ? time + 1 : time);
            else if (!isBeyond && time == long.MaxValue)
                return null;
            else
                from = Math.Max(from, isBeyond ? time : time + 1);
        }

        // Nothing is newer than the newest point of any field.
        var newest = long.MinValue;
        var hasAny = false;
        foreach (var series in fields)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Latest(series, lease) is { } latest)
                (newest, hasAny) = (Math.Max(newest, latest.Time), true);
        }

        if (hasAny && newest < long.MaxValue)
            to = Math.Min(to, newest + 1);
        return hasAny && from < to ? new OriginReader(origin, fields, memtable, lease, descending, from, to, block) : null;
    }

    /// <summary>The newest point of a series; remembered, once it was looked for.</summary>
    public LatestPoint? Latest(Series series, ChunkSessions.Lease lease)
    {
        int revision;
        lock (memtable.Gate)
        {
            if (series.IsLatestKnown)
                return series.Latest;
            revision = series.Revision;
        }

        // From the newest time on, which the half-open range would leave out.
        var reader = new SeriesReader(series, memtable, lease, descending: true, long.MinValue, long.MaxValue);
        LatestPoint? latest = reader.MoveNext() ? reader.Point : null;
        lock (memtable.Gate)
        {
            if (series.Revision == revision)
                (series.Latest, series.IsLatestKnown) = (latest, true);
        }

        return latest;
    }

    /// <summary>The origins that a filter selects, in no order.</summary>
    public static IEnumerable<Origin> Select(BucketCatalog bucket, MeasurementFilter filter)
    {
        if (filter.Devices.Count > 0)
            return filter.Devices.Distinct(StringComparer.Ordinal).SelectMany(bucket.OriginsOf).Where(Matches(filter));
        return bucket.Origins.Where(Matches(filter));
    }

    private static Func<Origin, bool> Matches(MeasurementFilter filter)
    {
        var names = filter.Names.Select(Encoding.UTF8.GetBytes).ToArray();
        return origin => filter.Visible.Contains(origin.Device)
            && (names.Length == 0 || HasName(origin, names))
            && filter.Tags.All(tag => origin.Key.Tags.Contains(tag));
    }

    private static bool HasName(Origin origin, byte[][] names)
    {
        foreach (var name in names)
        {
            if (origin.Name.SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>The series of an origin that a filter selects, in the order of their fields.</summary>
    public static Series[] SelectFields(Origin origin, MeasurementFilter filter)
    {
        var fields = filter.Fields.Count == 0 ? origin.Fields.Items.ToArray() : [.. origin.Fields.Where(series => filter.Fields.Contains(series.Field.Name))];
        Array.Sort(fields, static (a, b) => a.Field.Utf8.AsSpan().SequenceCompareTo(b.Field.Utf8));
        return fields;
    }

    private static int Compare(Origin origin, MeasurementKey key) => origin.Utf8.AsSpan().SequenceCompareTo(key.Utf8.Span);

    // Of the same time, those that are not open come first: they may have one that belongs before.
    private sealed class InOrder(bool descending) : IComparer<OriginReader>
    {
        public int Compare(OriginReader? x, OriginReader? y)
        {
            if (x!.Time == y!.Time && x.IsOpen != y.IsOpen)
                return x.IsOpen ? 1 : -1;
            var order = x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Origin.Utf8.AsSpan().SequenceCompareTo(y.Origin.Utf8);
            return descending ? -order : order;
        }
    }
}
