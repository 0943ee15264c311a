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
        var held = new HeldValues(query.MaxHeldValues);
        var count = 0L;
        foreach (var series in inRange)
        {
            var points = Read(series, query, query.MaxPoints - count, held, lease, cancellationToken);
            if (held.AreTooMany)
                return AggregateErrors.TooManyValues(query);
            if (points is null)
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

    // Of what is asked for alone: who may not see a device must not learn of its fields.
    private static IEnumerable<(string Field, FieldType Type)> KnownFields(BucketCatalog bucket, MeasurementFilter filter) =>
        MeasurementReader.Select(bucket, filter).SelectMany(origin => origin.Fields).Select(series => (series.Field.Name, series.Field.Type));

    // Null when there are more windows, or more values in one, than there may be.
    private IReadOnlyList<WindowPoint>? Read(
        Series series, AggregateQuery query, long most, HeldValues held, ChunkSessions.Lease lease, CancellationToken cancellationToken)
    {
        var windows = new SeriesWindows(query.Windows, query.Functions, held);
        if (!Collect(series, query, windows, windows.TakesSummaries, most, held, lease, cancellationToken))
            return null;
        var points = windows.Complete();
        if (windows.IsPrecise)
            return points;
        windows = new SeriesWindows(query.Windows, query.Functions, held);
        return Collect(series, query, windows, takesSummaries: false, most, held, lease, cancellationToken) ? windows.Complete() : null;
    }

    private bool Collect(
        Series series,
        AggregateQuery query,
        SeriesWindows windows,
        bool takesSummaries,
        long most,
        HeldValues held,
        ChunkSessions.Lease lease,
        CancellationToken cancellationToken)
    {
        var range = query.Selection.Range;
        var points = new SeriesReader(series, memtable, lease, descending: false, range.From.Nanoseconds, range.To.Nanoseconds);
        var failures = takesSummaries ? 0 : MostFailures;
        for (; windows.Count <= most && !held.AreTooMany; cancellationToken.ThrowIfCancellationRequested())
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
