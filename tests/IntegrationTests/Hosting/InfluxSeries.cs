using System.Text.Json;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One series of an InfluxQL answer.</summary>
/// <param name="Values">A row a point, in the order of the columns.</param>
internal sealed record InfluxSeries(
    string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Values)
{
    public static InfluxSeries From(JsonElement series) => new(
        series.TryGetProperty("name", out var name) ? name.GetString()! : string.Empty,
        series.TryGetProperty("tags", out var tags) ? tags.EnumerateObject().ToDictionary(tag => tag.Name, tag => tag.Value.GetString()!) : [],
        [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)],
        series.TryGetProperty("values", out var values)
            ? [.. values.EnumerateArray().Select(row => (IReadOnlyList<JsonElement>)[.. row.EnumerateArray().Select(value => value.Clone())])]
            : []);
}
