using System.Globalization;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// A database of 3.x with the schema of its tables, which holds every later line to the first. Its place on the real server is
/// <paramref name="place"/>. Source: docs.influxdata.com/influxdb3/core/write-data/best-practices/schema-design and
/// /influxdb3/core/admin/databases, "Database, table, and column limits".
/// </summary>
internal sealed class Database3(string name, string place)
{
    private const int MostColumns = 500;
    private const int MostTags = 250;
    private const string Tag = "iox::column_type::tag";

    private readonly Dictionary<string, Dictionary<string, string>> _tables = [];

    public string Name => name;

    public string Place => place;

    /// <summary>Null: for ever.</summary>
    public TimeSpan? Retention { get; set; }

    /// <summary>Takes the line's columns into its table; null, or why the line is refused and nothing of it was taken.</summary>
    public string? Take(StrictLine line)
    {
        lock (_tables)
        {
            var known = _tables.GetValueOrDefault(line.Measurement, []);
            var columns = new Dictionary<string, string>(known);
            var wanted = line.Tags.Select(tag => (tag.Key, Type: Tag))
                .Concat(line.Fields.Select(field => (field.Key, Type: $"iox::column_type::field::{field.Type}")));
            foreach (var (key, type) in wanted)
            {
                if (key == "time")
                    return "cannot use the reserved column name 'time'";
                if (columns.TryGetValue(key, out var existing) && existing != type)
                    return $"invalid column type for column '{key}', expected {existing}, got {type}";
                columns[key] = type;
            }

            if (TooMany(columns) is { } tooMany)
                return tooMany;
            _tables[line.Measurement] = columns;
            return null;
        }
    }

    // The time is a column too.
    private static string? TooMany(Dictionary<string, string> columns)
    {
        if (columns.Count + 1 > MostColumns)
            return string.Create(CultureInfo.InvariantCulture, $"Update to schema would exceed number of columns per table limit of {MostColumns} columns");
        return columns.Values.Count(type => type == Tag) > MostTags
            ? string.Create(CultureInfo.InvariantCulture, $"Update to schema would exceed number of tag columns per table limit of {MostTags} columns")
            : null;
    }
}
