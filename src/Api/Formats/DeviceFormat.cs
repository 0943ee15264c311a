using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Application.Caching;
using IotBackend.Application.Devices;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Devices as the contract's JSON.</summary>
internal sealed class DeviceFormat : IAnswerFormat<ListDevices, DevicePage>, IAnswerFormat<ReadDevice, DeviceDetails>
{
    public static DeviceFormat Instance { get; } = new();

    public string MediaType => JsonBody.MediaType;

    public byte[] Render(ListDevices query, DevicePage page)
    {
        using var body = new JsonBody();
        var json = body.Writer;
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var device in page.Items)
        {
            json.WriteStartObject();
            WriteSummary(json, device);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (page.HasMore)
            json.WriteString("nextCursor"u8, DeviceCursor.Encode(page.Items[^1].Device));
        json.WriteEndObject();
        return body.ToBytes();
    }

    public byte[] Render(ReadDevice query, DeviceDetails page)
    {
        using var body = new JsonBody();
        var json = body.Writer;
        json.WriteStartObject();
        WriteSummary(json, page.Summary);
        json.WriteStartArray("series"u8);
        foreach (var series in page.Series)
            Write(json, series);
        json.WriteEndArray();
        json.WriteBoolean("hasMoreSeries"u8, page.HasMoreSeries);
        json.WriteEndObject();
        return body.ToBytes();
    }

    private static void WriteSummary(Utf8JsonWriter json, DeviceSummary device)
    {
        json.WriteString("device"u8, device.Device);
        json.WriteString("firstSeen"u8, device.FirstSeen.ToString());
        json.WriteString("lastSeen"u8, device.LastSeen.ToString());
        json.WriteNumber("measurements"u8, device.Measurements);
    }

    private static void Write(Utf8JsonWriter json, LatestValues series)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, series.Key.Name);
        json.WriteStartObject("tags"u8);
        foreach (var (key, value) in series.Key.Tags)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteStartObject("fields"u8);
        foreach (var field in series.Fields)
            json.WriteString(field.Name, NameOf(field.Value.Type));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(FieldType type) => type switch
    {
        FieldType.Number => "number"u8,
        FieldType.Boolean => "boolean"u8,
        _ => "string"u8,
    };
}
