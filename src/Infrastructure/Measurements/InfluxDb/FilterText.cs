using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>A filter as the clauses of an InfluxQL statement.</summary>
internal static class FilterText
{
    /// <summary><c> FROM "climate","power"</c>, or all measurements.</summary>
    public static InfluxQl AppendFrom(this InfluxQl statement, MeasurementFilter filter)
    {
        statement.Append(" FROM ");
        if (filter.Names.Count == 0)
            return statement.Append("/.*/");
        var separator = string.Empty;
        foreach (var name in filter.Names.Distinct(StringComparer.Ordinal))
        {
            statement.Append(separator).AppendName(name);
            separator = ",";
        }

        return statement;
    }

    /// <summary>The chosen fields, or all. Named as fields, since a tag may be called the same.</summary>
    public static InfluxQl AppendFields(this InfluxQl statement, MeasurementFilter filter)
    {
        if (filter.Fields.Count == 0)
            return statement.Append("*::field");
        var separator = string.Empty;
        foreach (var field in filter.Fields.Distinct(StringComparer.Ordinal))
        {
            statement.Append(separator).AppendName(Keys.Encode(field)).Append("::field");
            separator = ",";
        }

        return statement;
    }

    /// <summary><c> WHERE …</c>: devices and tags, what the caller may see, and the range.</summary>
    public static InfluxQl AppendWhere(this InfluxQl statement, MeasurementFilter filter, TimeRange range)
    {
        statement.Append(" WHERE ").AppendDevices(filter);
        foreach (var (key, value) in filter.Tags)
            statement.Append(" AND ").AppendTag(Keys.Encode(key)).Append(" = ").AppendValue(TagValue.Encode(value));
        return statement.Append(" AND time >= ").AppendTime(range.From).Append(" AND time <= ").AppendTime(LastOf(range));
    }

    private static InfluxQl AppendDevices(this InfluxQl statement, MeasurementFilter filter)
    {
        if (filter.Devices.Count > 0)
            return statement.AppendAny([.. filter.Devices.Where(filter.Visible.Contains).Distinct(StringComparer.Ordinal).Select(DevicePattern.Parse)]);

        // Points without a device were not written by this server.
        return filter.Visible.IsAll ? statement.AppendTag(Keys.Device).Append(" != ''") : statement.AppendAny(filter.Visible.Patterns);
    }

    private static InfluxQl AppendAny(this InfluxQl statement, IReadOnlyList<DevicePattern> patterns)
    {
        // Nothing is meant by an empty list here: no device has this name.
        if (patterns.Count == 0)
            return statement.AppendTag(Keys.Device).Append(" = '_'");
        var separator = "(";
        foreach (var pattern in patterns)
        {
            statement.Append(separator).AppendTag(Keys.Device);
            _ = pattern.Text.EndsWith('*')
                ? statement.Append(" =~ ").AppendPrefix(pattern.Text[..^1])
                : statement.Append(" = ").AppendValue(pattern.Text);
            separator = " OR ";
        }

        return statement.Append(")");
    }

    private static InfluxQl AppendTag(this InfluxQl statement, string key) => statement.AppendName(key).Append("::tag");

    // The end of the range is not in it. At the lowest time of all nothing comes before it, and an empty range is never asked for.
    private static Timestamp LastOf(TimeRange range) => range.To == Timestamp.MinValue ? range.To : new Timestamp(range.To.Nanoseconds - 1);
}
