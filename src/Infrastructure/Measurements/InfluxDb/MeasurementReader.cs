using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Reads pages in the order of time, ties by key. InfluxDB orders by time only within a measurement, limits by series, and has no order among
/// points of one time. So it is asked twice: first for the times alone up to the limit, without regard to series, which gives the
/// time where the page ends; then for all that lies up to that time, with its series. Points of the last time come whole, however many.
/// </summary>
internal sealed class MeasurementReader(InfluxDbClient client, DialectSource dialects)
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

        if (found.Count <= query.Limit && !range.IsEmpty)
            found.AddRange(await ReadSomeAsync(query, range, query.Limit + 1 - found.Count, cancellationToken));
        found.Sort(query.Order == SortOrder.Descending ? static (a, b) => Compare(b, a) : Compare);
        return new MeasurementPage(found.Count > query.Limit ? found[..query.Limit] : found, found.Count > query.Limit);
    }

    /// <summary>The time of the last of so many rows; of the last there is when there are fewer, and null when there is none.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<Timestamp?> FindLastTimeAsync(MeasurementSelection selection, SortOrder order, int count, CancellationToken cancellationToken)
    {
        if (selection.Range.IsEmpty)
            return null;
        var statement = (await SelectAsync(selection, cancellationToken)).Append(TextOf(order)).Append(" LIMIT ").AppendNumber(count);
        using var answer = await client.QueryAsync(selection.Filter.Bucket, statement, cancellationToken);
        var times = answer.Series.SelectMany(series => series.Rows).Select(AnswerSeries.TimeOf);
        var taken = (order == SortOrder.Descending ? times.OrderDescending() : times.Order()).Take(count).ToArray();
        return taken.Length == 0 ? null : taken[^1];
    }

    /// <summary>All that a selection holds, in no order.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<IReadOnlyList<Measurement>> ReadAllAsync(MeasurementSelection selection, CancellationToken cancellationToken) =>
        await ReadAsync((await SelectAsync(selection, cancellationToken)).Append(" GROUP BY *"), selection, cancellationToken);

    private async Task<IReadOnlyList<Measurement>> ReadSomeAsync(
        MeasurementQuery query, TimeRange range, int count, CancellationToken cancellationToken)
    {
        var selection = In(query, range);
        if (selection.Filter.Devices.Count == 1 && count <= FewRows)
        {
            var statement = (await SelectAsync(selection, cancellationToken)).Append(" GROUP BY *").Append(TextOf(query.Order)).Append(" LIMIT ").AppendNumber(count);
            return await ReadAsync(statement, selection, cancellationToken);
        }

        return await FindLastTimeAsync(selection, query.Order, count, cancellationToken) is { } last
            ? await ReadAllAsync(In(query, UpTo(range, query.Order, last)), cancellationToken)
            : [];
    }

    private async Task<IReadOnlyList<Measurement>> ReadAsync(InfluxQl statement, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        using var answer = await client.QueryAsync(selection.Filter.Bucket, statement, cancellationToken);
        return [.. answer.Series.SelectMany(AnswerRows.ToMeasurements)];
    }

    private async Task<InfluxQl> SelectAsync(MeasurementSelection selection, CancellationToken cancellationToken) =>
        new InfluxQl((await dialects.GetAsync(cancellationToken)).BindsValues)
            .Append("SELECT ").AppendFields(selection.Filter).AppendFrom(selection.Filter).AppendWhere(selection.Filter, selection.Range);

    private static MeasurementSelection In(MeasurementQuery query, TimeRange range) => query.Selection with { Range = range };

    private static string TextOf(SortOrder order) => order == SortOrder.Descending ? " ORDER BY time DESC" : " ORDER BY time ASC";

    private static TimeRange Only(Timestamp time) => new(time, new Timestamp(time.Nanoseconds + 1));

    private static TimeRange Beyond(TimeRange range, SortOrder order, Timestamp time) => order == SortOrder.Descending
        ? range with { To = time < range.To ? time : range.To }
        : range with { From = time < range.From ? range.From : new Timestamp(time.Nanoseconds + 1) };

    private static TimeRange UpTo(TimeRange range, SortOrder order, Timestamp last) => order == SortOrder.Descending
        ? range with { From = last }
        : range with { To = new Timestamp(last.Nanoseconds + 1) };

    private static bool IsBeyond(Measurement item, MeasurementQuery query, MeasurementPosition after) =>
        query.Order == SortOrder.Descending ? item.Key < after.Key : item.Key > after.Key;

    private static int Compare(Measurement a, Measurement b) =>
        a.Timestamp != b.Timestamp ? a.Timestamp.CompareTo(b.Timestamp) : a.Key.CompareTo(b.Key);
}
