using System.Text;
using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>
/// The last row that a reader of a stream has, as it tells it: <c>{ "device", "name", "timestamp", "tags" }</c>, which is a row without its fields. That is
/// a place in the order of all measurements, whatever came or went meanwhile.
/// </summary>
internal static class ResumePoint
{
    /// <summary>Null when the text is no such object.</summary>
    public static MeasurementPosition? TryParse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Read(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MeasurementPosition? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || TextOf(root, "device") is not { } device || TextOf(root, "name") is not { } name)
            return null;
        if (TextOf(root, "timestamp") is not { } written || Rfc3339.TryParse(Encoding.UTF8.GetBytes(written), out var time) != Rfc3339.Outcome.Ok)
            return null;
        var tags = new List<KeyValuePair<string, string>>();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is "device" or "name" or "timestamp" or "fields")
                continue;
            if (member.Name != "tags" || member.Value.ValueKind != JsonValueKind.Object || !TryReadTags(member.Value, tags))
                return null;
        }

        return new MeasurementPosition(time, MeasurementKey.Create(device, name, tags));
    }

    private static bool TryReadTags(JsonElement json, List<KeyValuePair<string, string>> tags)
    {
        foreach (var tag in json.EnumerateObject())
        {
            if (tag.Value.ValueKind != JsonValueKind.String || Separates(tag.Name) || Separates(tag.Value.GetString()!))
                return false;
            tags.Add(KeyValuePair.Create(tag.Name, tag.Value.GetString()!));
        }

        return true;
    }

    private static string? TextOf(JsonElement root, string member) =>
        root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && !Separates(value.GetString()!) ? value.GetString() : null;

    // It would end a part of the key.
    private static bool Separates(string text) => text.Contains('\0', StringComparison.Ordinal);
}
