using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Reads the newest value of every field. Only <c>last()</c> of a single field tells that field's own time, so each field is a statement; they
/// travel together where the version lets them. Devices are taken in their order, as many as a page needs.
/// </summary>
internal sealed class LatestReader(InfluxDbClient client, DialectSource dialects, BucketChannels channels, DeviceNames names)
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
        var devices = query.Filter.Devices.Count > 0 ? query.Filter.Devices : await names.ListAsync(query.Filter.Bucket, cancellationToken);
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

    private async Task<IEnumerable<LatestValues>> ReadAsync(LatestQuery query, string[] devices, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        var types = channels.Of(query.Filter.Bucket).Types;
        await types.LoadAsync(cancellationToken);
        var range = new TimeRange(query.Oldest, Timestamp.MaxValue);
        var what = new Selection(dialect, new MeasurementSelection(query.Filter with { Devices = devices }, range), types.Measurements());
        var found = new SortedDictionary<MeasurementKey, List<LatestField>>();
        foreach (var (text, fields) in Statements(dialect, what))
        {
            using var answer = await client.QueryAsync(query.Filter.Bucket, text, cancellationToken);
            foreach (var series in answer.Series)
                Add(found, series, fields[series.Statement]);
        }

        return found.Where(item => query.After is null || item.Key > query.After).Select(item => new LatestValues(item.Key, item.Value));
    }

    // A field of one name and type is asked for in all measurements at once: a device has few of them, and the bucket may have many.
    private static IEnumerable<(InfluxQl Text, FieldOfMeasurement[] Fields)> Statements(IDialect dialect, Selection what)
    {
        const int most = 50;
        var fields = what.Measurements.SelectMany(measurement => measurement.Fields.Select(field => (Field: field, measurement.Name)))
            .GroupBy(field => field.Field, field => field.Name)
            .OrderBy(group => Encoding.UTF8.GetBytes(group.Key.Name), Utf8Order.Instance);
        foreach (var some in fields.Chunk(dialect.TakesManyStatements ? most : 1))
        {
            var text = new InfluxQl(dialect.BindsValues);
            foreach (var field in some)
                AppendLast(text.Append(field == some[0] ? string.Empty : "; "), field.Key, field, what);
            yield return (text, [.. some.Select(field => field.Key)]);
        }
    }

    private static void AppendLast(InfluxQl text, FieldOfMeasurement field, IEnumerable<string> measurements, Selection what)
    {
        text.Append("SELECT last(").AppendName(Keys.Encode(field.Name)).Append(field.Cast).Append(") FROM ");
        var separator = string.Empty;
        foreach (var measurement in measurements)
        {
            text.Append(separator).AppendName(measurement);
            separator = ",";
        }

        what.AppendWhere(text);
        text.Append(" GROUP BY *");
    }

    private static void Add(SortedDictionary<MeasurementKey, List<LatestField>> found, AnswerSeries series, FieldOfMeasurement field)
    {
        if (series.ToKey() is not { } key)
            return;
        foreach (var row in series.Rows)
        {
            if (AnswerSeries.ValueOf(row[1]) is not { } value)
                continue;
            if (!found.TryGetValue(key, out var fields))
                found.Add(key, fields = []);
            fields.Add(new LatestField(field.Name, value, AnswerSeries.TimeOf(row)));
        }
    }
}
