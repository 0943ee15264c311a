using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Reads the newest value of every field. Only <c>last()</c> of a single field tells that field's own time, so each field is a statement; they
/// travel together where the version lets them. Devices are taken in their order, as many as a page needs.
/// </summary>
internal sealed class LatestReader(InfluxDbClient client, DialectSource dialects, BucketChannels channels)
{
    private const int DevicesAtOnce = 1_000;

    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<LatestPage> ReadAsync(LatestQuery query, CancellationToken cancellationToken)
    {
        var items = new List<LatestValues>();
        foreach (var devices in (await DevicesAsync(query, cancellationToken)).Chunk(Math.Min(DevicesAtOnce, query.Limit + 1)))
        {
            items.AddRange(await ReadAsync(query, devices, cancellationToken));
            if (items.Count > query.Limit)
                return new LatestPage(items[..query.Limit], HasMore: true);
        }

        return new LatestPage(items, HasMore: false);
    }

    private async Task<IReadOnlyList<string>> DevicesAsync(LatestQuery query, CancellationToken cancellationToken)
    {
        var devices = query.Filter.Devices.Count > 0 ? query.Filter.Devices : await AllDevicesAsync(query.Filter, query.Oldest, cancellationToken);
        var after = query.After is null ? [] : Encoding.UTF8.GetBytes(query.After.Device);
        return
        [
            .. devices.Where(query.Filter.Visible.Contains).Distinct(StringComparer.Ordinal)
                .Select(device => (Device: device, Utf8: Encoding.UTF8.GetBytes(device)))
                .Where(device => device.Utf8.AsSpan().SequenceCompareTo(after) >= 0)
                .OrderBy(device => device.Utf8, Utf8Order.Instance)
                .Select(device => device.Device),
        ];
    }

    // 3.x looks no farther back than a day unless it is told a time, and has a row without a value for what has no device.
    private async Task<IReadOnlyList<string>> AllDevicesAsync(MeasurementFilter filter, Timestamp oldest, CancellationToken cancellationToken)
    {
        var statement = new InfluxQl(bindsValues: false).Append("SHOW TAG VALUES");
        if (filter.Names.Count > 0)
            statement.AppendFrom(filter);
        statement.Append(" WITH KEY = ").AppendName(Keys.Device).Append(" WHERE time >= ").AppendTime(oldest);
        using var answer = await client.QueryAsync(filter.Bucket, statement, cancellationToken);
        return [.. answer.Series.SelectMany(series => series.Rows).Select(row => row[1].GetString()).OfType<string>().Select(TagValue.Decode)];
    }

    private async Task<IEnumerable<LatestValues>> ReadAsync(LatestQuery query, string[] devices, CancellationToken cancellationToken)
    {
        var filter = query.Filter with { Devices = devices };
        var fields = await FieldsAsync(filter, cancellationToken);
        var found = new SortedDictionary<MeasurementKey, List<LatestField>>();
        foreach (var statement in Statements(await dialects.GetAsync(cancellationToken), filter, fields, new TimeRange(query.Oldest, Timestamp.MaxValue)))
        {
            using var answer = await client.QueryAsync(filter.Bucket, statement.Text, cancellationToken);
            foreach (var series in answer.Series)
                Add(found, series, statement.Fields[series.Statement]);
        }

        return found.Where(item => query.After is null || item.Key > query.After).Select(item => new LatestValues(item.Key, item.Value));
    }

    private async Task<string[]> FieldsAsync(MeasurementFilter filter, CancellationToken cancellationToken)
    {
        IEnumerable<string> fields = filter.Fields;
        if (filter.Fields.Count == 0)
        {
            // Other nodes may have written fields that are not known here.
            var types = channels.Of(filter.Bucket).Types;
            await types.LoadAsync(cancellationToken);
            fields = types.FieldNames();
        }

        return [.. fields.Distinct(StringComparer.Ordinal).OrderBy(Encoding.UTF8.GetBytes, Utf8Order.Instance)];
    }

    private static IEnumerable<(InfluxQl Text, string[] Fields)> Statements(
        IDialect dialect, MeasurementFilter filter, string[] fields, TimeRange range)
    {
        const int most = 50;
        foreach (var some in fields.Chunk(dialect.TakesManyStatements ? most : 1))
        {
            var text = new InfluxQl(dialect.BindsValues);
            foreach (var field in some)
            {
                text.Append("SELECT last(").AppendName(Keys.Encode(field)).Append("::field) AS \"last\"").AppendFrom(filter).AppendWhere(filter, range)
                    .Append(" GROUP BY *;");
            }

            yield return (text, some);
        }
    }

    private static void Add(SortedDictionary<MeasurementKey, List<LatestField>> found, AnswerSeries series, string field)
    {
        if (series.ToKey() is not { } key || series.Rows.FirstOrDefault() is not { ValueKind: System.Text.Json.JsonValueKind.Array } row)
            return;
        if (AnswerSeries.ValueOf(row[1]) is not { } value)
            return;
        if (!found.TryGetValue(key, out var fields))
            found.Add(key, fields = []);
        fields.Add(new LatestField(field, value, AnswerSeries.TimeOf(row)));
    }
}
