using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>One series of an answer: rows of values under columns, the first of which is mostly the time.</summary>
internal sealed class AnswerSeries(JsonElement series, int statement)
{
    /// <summary>Position of the statement that it answers, from 0.</summary>
    public int Statement => statement;

    /// <summary>The measurement; empty for statements about the server.</summary>
    public string Name => series.TryGetProperty("name", out var name) ? name.GetString()! : string.Empty;

    public string[] Columns { get; } = [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];

    /// <summary>Tags that the series really has; others are named by the answer with empty values.</summary>
    public IEnumerable<KeyValuePair<string, string>> Tags => series.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Object
        ? tags.EnumerateObject().Select(tag => KeyValuePair.Create(tag.Name, tag.Value.GetString() ?? string.Empty)).Where(tag => tag.Value.Length > 0)
        : [];

    public IEnumerable<JsonElement> Rows => series.TryGetProperty("values", out var values) ? values.EnumerateArray() : [];

    /// <summary>What the series is of, in this server's terms; null when it has no device, and so was not written by it.</summary>
    public MeasurementKey? ToKey()
    {
        string? device = null;
        var tags = new List<KeyValuePair<string, string>>();
        foreach (var (key, value) in Tags)
        {
            if (key == Keys.Device)
                device = TagValue.Decode(value);
            else
                tags.Add(KeyValuePair.Create(Keys.Decode(key), TagValue.Decode(value)));
        }

        return device is null ? null : MeasurementKey.Create(device, Name, tags);
    }

    public static Timestamp TimeOf(JsonElement row) => new(row[0].GetInt64());

    /// <summary>Null for a field that the row does not have.</summary>
    public static FieldValue? ValueOf(JsonElement cell) => cell.ValueKind switch
    {
        JsonValueKind.Number => FieldValue.Of(cell.GetDouble()),
        JsonValueKind.True => FieldValue.Of(true),
        JsonValueKind.False => FieldValue.Of(false),
        JsonValueKind.String => FieldValue.Of(cell.GetString()!),
        _ => null,
    };
}
