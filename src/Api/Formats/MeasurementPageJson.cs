using System.Text.Json;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Writes measurements and newest values as the contract's JSON.</summary>
internal static class MeasurementPageJson
{
    public static void Write(Utf8JsonWriter json, MeasurementPage page, string? nextCursor)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var measurement in page.Items)
            Write(json, measurement);
        json.WriteEndArray();
        WritePaging(json, page.HasMore, nextCursor);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, LatestPage page, string? nextCursor)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var latest in page.Items)
            Write(json, latest);
        json.WriteEndArray();
        WritePaging(json, page.HasMore, nextCursor);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Measurement measurement)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, measurement.Key.Device);
        json.WriteString("name"u8, measurement.Key.Name);
        WriteTimestamp(json, measurement.Timestamp);
        json.WriteStartObject("fields"u8);
        foreach (var (name, value) in measurement.Fields)
        {
            json.WritePropertyName(name);
            WriteValue(json, value);
        }

        json.WriteEndObject();
        WriteTags(json, measurement.Key);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LatestValues latest)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, latest.Key.Device);
        json.WriteString("name"u8, latest.Key.Name);
        WriteTags(json, latest.Key);
        json.WriteStartObject("fields"u8);
        foreach (var (name, value, timestamp) in latest.Fields)
        {
            json.WriteStartObject(name);
            json.WritePropertyName("value"u8);
            WriteValue(json, value);
            WriteTimestamp(json, timestamp);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, MeasurementKey key)
    {
        json.WriteStartObject("tags"u8);
        foreach (var (tag, value) in key.Tags)
            json.WriteString(tag, value);
        json.WriteEndObject();
    }

    private static void WriteTimestamp(Utf8JsonWriter json, Timestamp timestamp)
    {
        Span<byte> text = stackalloc byte[Rfc3339.MaxLength];
        json.WriteString("timestamp"u8, text[..Rfc3339.Format(timestamp, text)]);
    }

    private static void WriteValue(Utf8JsonWriter json, in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Number:
                json.WriteNumberValue(value.Number);
                break;
            case FieldType.Boolean:
                json.WriteBooleanValue(value.Boolean);
                break;
            default:
                json.WriteStringValue(value.Text);
                break;
        }
    }

    private static void WritePaging(Utf8JsonWriter json, bool hasMore, string? nextCursor)
    {
        json.WriteBoolean("hasMore"u8, hasMore);
        if (nextCursor is not null)
            json.WriteString("nextCursor"u8, nextCursor);
    }
}
