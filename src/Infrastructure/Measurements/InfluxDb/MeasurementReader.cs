using System.Text.Json;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Reads pages in the order of time, ties by key. InfluxDB orders by time only within a measurement, limits by series, and has no order among
/// points of one time. So it is asked twice: first for the times alone up to the limit, without regard to series, which gives the
/// time where the page ends; then for all that lies up to that time, with its series. Points of the last time come whole, however many.
/// </summary>
internal sealed class MeasurementReader(InfluxDbClient client, DialectSource dialects, BucketChannels channels)
{
    // Of one device, which has few series, up to so many rows of each cost less than a second question.
    private const int FewRows = 1_000;

    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<MeasurementPage> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken)
    {
        var found = new List<Measurement>();
        var range = query.Selection.Range;
        if (query.After is { } after)
        {
            // The time where the page before ended may have more keys.
            if (range.Contains(after.Timestamp))
                found.AddRange((await ReadAllAsync(In(query, Only(after.Timestamp)), cancellationToken)).Where(item => IsBeyond(item, query, after)));
            range = Beyond(range, query.Order, after.Timestamp);
        }

        if (found.Count <= query.Limit)
            found.AddRange(await ReadSomeAsync(In(query, range), query.Order, query.Limit + 1 - found.Count, cancellationToken));
        found.Sort(query.Order == SortOrder.Descending ? static (a, b) => Compare(b, a) : Compare);
        return new MeasurementPage(found.Count > query.Limit ? found[..query.Limit] : found, found.Count > query.Limit);
    }

    /// <summary>The time of the last of so many rows; of the last there is when there are fewer, and null when there is none.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<Timestamp?> FindLastTimeAsync(MeasurementSelection selection, SortOrder order, int count, CancellationToken cancellationToken)
    {
        var times = new List<Timestamp>();
        await AskAsync(
            selection,
            (text, what, measurement) =>
            {
                what.AppendSelect(text, measurement);
                text.Append(TextOf(order)).Append(" LIMIT ").AppendNumber(count);
            },
            (series, _) => times.AddRange(series.Rows.Select(AnswerSeries.TimeOf)),
            cancellationToken);
        if (times.Count == 0)
            return null;
        times.Sort();
        var place = Math.Min(count, times.Count);
        return order == SortOrder.Descending ? times[^place] : times[place - 1];
    }

    /// <summary>All that a selection holds, in no order.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public Task<List<Measurement>> ReadAllAsync(MeasurementSelection selection, CancellationToken cancellationToken) =>
        ReadAsync(selection, static _ => { }, cancellationToken);

    /// <summary>How many measurements a selection holds; counted as they come, so that their number does not matter.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<long> CountAsync(MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        var what = await SelectAsync(dialect, selection, cancellationToken);
        var count = 0L;
        foreach (var (text, _) in what.Statements(dialect, (text, measurement) => AppendBySeries(text, what, measurement)))
        {
            await foreach (var part in client.StreamAsync(selection.Filter.Bucket, text, cancellationToken))
                count += part.Series.Sum(series => series.Rows.LongCount());
        }

        return count;
    }

    /// <summary>Hands over all that a selection holds, in parts of bounded size: series after series, each ascending by time.</summary>
    /// <returns>How many measurements that were.</returns>
    /// <exception cref="InfluxDbException">InfluxDB failed, perhaps after some parts.</exception>
    public async Task<long> StreamAsync(
        MeasurementSelection selection, Func<IReadOnlyList<Measurement>, ValueTask> take, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        var what = await SelectAsync(dialect, selection, cancellationToken);
        var count = 0L;
        foreach (var (text, measurements) in what.Statements(dialect, (text, measurement) => AppendBySeries(text, what, measurement)))
        {
            await foreach (var answer in client.StreamAsync(selection.Filter.Bucket, text, cancellationToken))
            {
                foreach (var series in answer.Series)
                {
                    var part = AnswerRows.ToMeasurements(series, measurements[series.Statement].Fields).ToArray();
                    count += part.Length;
                    await take(part);
                }
            }
        }

        return count;
    }

    /// <summary>The measurements of a bucket, by series the most values that any of its fields has.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<long> CountLargestAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        var all = new MeasurementFilter(bucket, [], [], [], [], DeviceSet.All);
        var count = 0L;
        await AskAsync(
            new MeasurementSelection(all, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)),
            static (text, what, measurement) =>
            {
                what.AppendSelect(text, measurement, "count");
                text.Append(" GROUP BY *");
            },
            (series, _) => count += series.Rows.Sum(MostValues),
            cancellationToken);
        return count;
    }

    /// <summary>Tells of each series the fields that it has values of.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public Task VisitNewestAsync(MeasurementSelection selection, Action<MeasurementKey, string> visit, CancellationToken cancellationToken) => AskAsync(
        selection,
        static (text, what, measurement) =>
        {
            what.AppendSelect(text, measurement, "last");
            text.Append(" GROUP BY *");
        },
        (series, measurement) =>
        {
            if (series.ToKey() is not { } key)
                return;
            foreach (var row in series.Rows)
            {
                foreach (var (i, field) in measurement.Fields.Index())
                {
                    if (row[i + 1].ValueKind != JsonValueKind.Null)
                        visit(key, field.Name);
                }
            }
        },
        cancellationToken);

    /// <summary>The most values that any field has, in a row of counts.</summary>
    internal static long MostValues(JsonElement row) => row.EnumerateArray().Skip(1)
        .Where(count => count.ValueKind == JsonValueKind.Number)
        .Select(count => count.GetInt64())
        .DefaultIfEmpty()
        .Max();

    private async Task<List<Measurement>> ReadSomeAsync(MeasurementSelection selection, SortOrder order, int count, CancellationToken cancellationToken)
    {
        if (selection.Filter.Devices.Count == 1 && count <= FewRows)
            return await ReadAsync(selection, text => text.Append(TextOf(order)).Append(" LIMIT ").AppendNumber(count), cancellationToken);
        return await FindLastTimeAsync(selection, order, count, cancellationToken) is { } last
            ? await ReadAllAsync(selection with { Range = UpTo(selection.Range, order, last) }, cancellationToken)
            : [];
    }

    private async Task<List<Measurement>> ReadAsync(MeasurementSelection selection, Action<InfluxQl> limit, CancellationToken cancellationToken)
    {
        var found = new List<Measurement>();
        await AskAsync(
            selection,
            (text, what, measurement) =>
            {
                AppendBySeries(text, what, measurement);
                limit(text);
            },
            (series, measurement) => found.AddRange(AnswerRows.ToMeasurements(series, measurement.Fields)),
            cancellationToken);
        return found;
    }

    /// <summary>Asks a statement of each measurement of the selection.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    internal async Task AskAsync(
        MeasurementSelection selection,
        Action<InfluxQl, Selection, MeasurementFields> write,
        Action<AnswerSeries, MeasurementFields> read,
        CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        var what = await SelectAsync(dialect, selection, cancellationToken);
        foreach (var (text, measurements) in what.Statements(dialect, (text, measurement) => write(text, what, measurement)))
        {
            using var answer = await client.QueryAsync(selection.Filter.Bucket, text, cancellationToken);
            foreach (var series in answer.Series)
                read(series, measurements[series.Statement]);
        }
    }

    private async Task<Selection> SelectAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        // Other nodes may have written what is not known here.
        var types = channels.Of(selection.Filter.Bucket).Types;
        await types.LoadAsync(cancellationToken);
        return new Selection(dialect, selection, types.Measurements());
    }

    private static void AppendBySeries(InfluxQl text, Selection what, MeasurementFields measurement)
    {
        what.AppendSelect(text, measurement);
        text.Append(" GROUP BY *");
    }

    private static MeasurementSelection In(MeasurementQuery query, TimeRange range) => query.Selection with { Range = range };

    internal static string TextOf(SortOrder order) => order == SortOrder.Descending ? " ORDER BY time DESC" : " ORDER BY time ASC";

    private static TimeRange Only(Timestamp time) => new(time, Next(time));

    private static TimeRange Beyond(TimeRange range, SortOrder order, Timestamp time) => order == SortOrder.Descending
        ? range with { To = time < range.To ? time : range.To }
        : range with { From = time < range.From ? range.From : Next(time) };

    private static TimeRange UpTo(TimeRange range, SortOrder order, Timestamp last) => order == SortOrder.Descending
        ? range with { From = last }
        : range with { To = Next(last) };

    // Nothing comes after the end of time, and no range reaches beyond it.
    private static Timestamp Next(Timestamp time) => time == Timestamp.MaxValue ? time : new Timestamp(time.Nanoseconds + 1);

    private static bool IsBeyond(Measurement item, MeasurementQuery query, MeasurementPosition after) =>
        query.Order == SortOrder.Descending ? item.Key < after.Key : item.Key > after.Key;

    private static int Compare(Measurement a, Measurement b) =>
        a.Timestamp != b.Timestamp ? a.Timestamp.CompareTo(b.Timestamp) : a.Key.CompareTo(b.Key);
}
