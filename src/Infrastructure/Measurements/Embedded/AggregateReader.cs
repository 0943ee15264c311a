using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Aggregates series after series, so that no more than one window's values are held. A chunk that lies in one window goes in by its summary where that
/// tells enough (benchmark P7).
/// </summary>
internal sealed class AggregateReader(MeasurementReader reader, Memtable memtable, ChunkSessions sessions)
{
    // A chunk that does not lie in one window is mostly followed by others.
    private const int MostFailures = 4;

    public Result<IReadOnlyList<AggregatedSeries>> Read(BucketCatalog bucket, AggregateQuery query, CancellationToken cancellationToken)
    {
        var filter = query.Selection.Filter;
        var chosen = Choose(bucket, filter);
        if (chosen.Length == 0 || filter.Fields.Any(field => chosen.All(series => series.Field.Name != field)))
        {
            if (AggregateErrors.CheckTypes(filter, KnownFields(bucket, filter)) is { } error)
                return error;
        }

        using var lease = sessions.Rent();
        var inRange = chosen.Where(series => reader.Latest(series, lease) is { } latest && latest.Time >= query.Selection.Range.From.Nanoseconds).ToArray();
        var read = new List<AggregatedSeries>();
        var count = 0L;
        foreach (var series in inRange)
        {
            if (Read(series, query, query.MaxPoints - count, lease, cancellationToken) is not { } points)
                return AggregateErrors.TooLarge(query, inRange.Length);
            count += points.Count;
            if (points.Count > 0)
                read.Add(new AggregatedSeries(series.Origin.Key, series.Field.Name, points));
        }

        return read;
    }

    private static Series[] Choose(BucketCatalog bucket, MeasurementFilter filter)
    {
        var origins = MeasurementReader.Select(bucket, filter).ToArray();
        Array.Sort(origins, static (a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        return [.. origins.SelectMany(origin => MeasurementReader.SelectFields(origin, filter)).Where(series => series.Field.Type == FieldType.Number)];
    }

    private static IEnumerable<(string Field, FieldType Type)> KnownFields(BucketCatalog bucket, MeasurementFilter filter)
    {
        var names = filter.Names.Select(Encoding.UTF8.GetBytes).ToArray();
        return bucket.Origins
            .Where(origin => names.Length == 0 || names.Any(name => origin.Name.SequenceEqual(name)))
            .SelectMany(origin => origin.Fields)
            .Select(series => (series.Field.Name, series.Field.Type));
    }

    // Null when there are more windows than there may be.
    private IReadOnlyList<WindowPoint>? Read(Series series, AggregateQuery query, long most, ChunkSessions.Lease lease, CancellationToken cancellationToken)
    {
        var windows = new SeriesWindows(query.Windows, query.Functions);
        if (!Collect(series, query, windows, windows.TakesSummaries, most, lease, cancellationToken))
            return null;
        var points = windows.Complete();
        if (windows.IsPrecise)
            return points;
        windows = new SeriesWindows(query.Windows, query.Functions);
        return Collect(series, query, windows, takesSummaries: false, most, lease, cancellationToken) ? windows.Complete() : null;
    }

    private bool Collect(
        Series series, AggregateQuery query, SeriesWindows windows, bool takesSummaries, long most, ChunkSessions.Lease lease, CancellationToken cancellationToken)
    {
        var range = query.Selection.Range;
        var points = new SeriesReader(series, memtable, lease, descending: false, range.From.Nanoseconds, range.To.Nanoseconds);
        var failures = takesSummaries ? 0 : MostFailures;
        for (; windows.Count <= most; cancellationToken.ThrowIfCancellationRequested())
        {
            if (failures < MostFailures && points.IsBetweenBlocks)
            {
                if (points.TakeSummary(out var time, windows.IsOne) is { } summary)
                {
                    windows.Add(time, summary);
                    failures = 0;
                    continue;
                }

                failures++;
            }

            if (!points.MoveNext())
                return true;
            windows.Add(points.Time, points.Number);
        }

        return false;
    }
}
