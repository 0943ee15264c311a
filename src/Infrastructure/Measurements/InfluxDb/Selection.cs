using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// What is asked for, as clauses of InfluxQL, measurement by measurement: asked for several at once, InfluxDB would give a field one type and
/// leave it out where it has another.
/// </summary>
internal sealed class Selection
{
    private readonly bool _bindsValues;
    private readonly MeasurementFilter _filter;
    private readonly DevicePattern[] _patterns;
    private readonly string[] _devices;
    private readonly long _first;
    private readonly long _last;

    public Selection(IDialect dialect, MeasurementSelection selection, IReadOnlyList<MeasurementFields> known)
    {
        (_bindsValues, _filter) = (dialect.BindsValues, selection.Filter);
        _devices = [.. _filter.Devices.Where(IsName).Where(_filter.Visible.Contains).Distinct(StringComparer.Ordinal)];
        _patterns = _filter.Devices.Count == 0 ? [.. _filter.Visible.Patterns] : [];

        // Nothing lies beyond what InfluxDB can hold, and it refuses to hear of it.
        _first = Math.Max(selection.Range.From.Nanoseconds, Ends.Earliest.Nanoseconds);
        _last = selection.Range.IsEmpty ? long.MinValue : Math.Min(selection.Range.To.Nanoseconds - 1, Ends.Latest.Nanoseconds);
        Measurements = CanMatch() ? [.. known.Select(Choose).Where(measurement => measurement.Fields.Length > 0)] : [];
    }

    /// <summary>The measurements that may have some of it, each with the fields that are asked for; empty when nothing can match.</summary>
    public IReadOnlyList<MeasurementFields> Measurements { get; }

    /// <summary>Statements in as few requests as the version takes, each with the measurements that its statements are about.</summary>
    public IEnumerable<(InfluxQl Text, MeasurementFields[] Of)> Statements(IDialect dialect, Action<InfluxQl, MeasurementFields> write) =>
        Statements(dialect, Measurements, write);

    /// <summary>The same with a statement for each field.</summary>
    public IEnumerable<(InfluxQl Text, MeasurementFields[] Of)> StatementsByField(IDialect dialect, Action<InfluxQl, MeasurementFields> write) => Statements(
        dialect, Measurements.SelectMany(measurement => measurement.Fields.Select(field => measurement with { Fields = [field] })), write);

    /// <summary><c>SELECT "a"::float,"b"::string FROM "m" WHERE …</c>, or of each field what a function makes of it.</summary>
    public void AppendSelect(InfluxQl text, MeasurementFields measurement, string? function = null)
    {
        var (before, after) = function is null ? (string.Empty, string.Empty) : ($"{function}(", ")");
        var separator = "SELECT ";
        foreach (var field in measurement.Fields)
        {
            text.Append(separator).Append(before).AppendName(Keys.Encode(field.Name)).Append(field.Cast).Append(after);
            separator = ",";
        }

        text.Append(" FROM ").AppendName(measurement.Name);
        AppendWhere(text);
    }

    /// <summary><c> WHERE …</c>: devices and tags, what the caller may see, and the range.</summary>
    public void AppendWhere(InfluxQl text)
    {
        AppendDevices(text.Append(" WHERE "));
        foreach (var (key, value) in _filter.Tags)
            AppendTag(text.Append(" AND "), Keys.Encode(key)).Append(" = ").AppendValue(TagValue.Encode(value));
        text.Append(" AND time >= ").AppendNumber(_first).Append(" AND time <= ").AppendNumber(_last);
    }

    private IEnumerable<(InfluxQl Text, MeasurementFields[] Of)> Statements(
        IDialect dialect, IEnumerable<MeasurementFields> of, Action<InfluxQl, MeasurementFields> write)
    {
        const int most = 50;
        foreach (var some in of.Chunk(dialect.TakesManyStatements ? most : 1))
        {
            var text = new InfluxQl(_bindsValues);
            var separator = string.Empty;
            foreach (var measurement in some)
            {
                write(text.Append(separator), measurement);
                separator = "; ";
            }

            yield return (text, some);
        }
    }

    private bool CanMatch() =>
        _first <= _last && (_filter.Devices.Count == 0 || _devices.Length > 0) && _filter.Tags.All(tag => IsName(tag.Key) && IsTagValue(tag.Value));

    // What no identifier can be nothing has, and InfluxDB might take it for something else.
    private static bool IsName(string text) => Identifier.Check(Encoding.UTF8.GetBytes(text)) is null;

    private static bool IsTagValue(string text) => Identifier.CheckTagValue(Encoding.UTF8.GetBytes(text)) is null;

    private MeasurementFields Choose(MeasurementFields measurement)
    {
        if (_filter.Names.Count > 0 && !_filter.Names.Contains(measurement.Name))
            return measurement with { Fields = [] };
        return _filter.Fields.Count == 0 ? measurement : measurement with { Fields = [.. measurement.Fields.Where(field => _filter.Fields.Contains(field.Name))] };
    }

    private void AppendDevices(InfluxQl text)
    {
        // Points without a device were not written by this server.
        if (_devices.Length + _patterns.Length == 0)
        {
            AppendTag(text, Keys.Device).Append(" != ''");
            return;
        }

        var separator = "(";
        foreach (var device in _devices)
        {
            AppendTag(text.Append(separator), Keys.Device).Append(" = ").AppendValue(device);
            separator = " OR ";
        }

        foreach (var pattern in _patterns)
        {
            AppendTag(text.Append(separator), Keys.Device);
            _ = pattern.Text.EndsWith('*')
                ? text.Append(" =~ ").AppendPrefix(pattern.Text[..^1])
                : text.Append(" = ").AppendValue(pattern.Text);
            separator = " OR ";
        }

        text.Append(")");
    }

    private static InfluxQl AppendTag(InfluxQl text, string key) => text.AppendName(key).Append("::tag");
}
