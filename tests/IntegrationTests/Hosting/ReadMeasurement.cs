using System.Text.Json;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>A measurement as the API gave it back; the timestamp is its text, so that nothing of it is lost.</summary>
/// <param name="Fields">The values as raw JSON.</param>
internal sealed record ReadMeasurement(
    string Device, string Name, string Timestamp, IReadOnlyDictionary<string, string> Fields, IReadOnlyDictionary<string, string> Tags)
{
    public static ReadMeasurement From(JsonElement item) => new(
        item.GetProperty("device").GetString()!,
        item.GetProperty("name").GetString()!,
        item.GetProperty("timestamp").GetString()!,
        item.GetProperty("fields").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetRawText()),
        item.GetProperty("tags").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString()!));
}
