using System.Text.Json;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Writes what the spool holds as the contract's JSON.</summary>
internal static class SpoolJson
{
    public static void Write(Utf8JsonWriter json, SpoolStatus status)
    {
        json.WriteStartObject();
        json.WriteNumber("entries"u8, status.Entries);
        json.WriteNumber("measurements"u8, status.Measurements);
        json.WriteNumber("bytes"u8, status.Bytes);
        json.WriteNumber("capacityBytes"u8, status.CapacityBytes);
        if (status.OldestAt is { } oldest)
            WriteTime(json, "oldestAt"u8, oldest);
        else
            json.WriteNull("oldestAt"u8);
        json.WriteNumber("refusedEntries"u8, status.RefusedEntries);
        json.WriteNumber("refusedMeasurements"u8, status.RefusedMeasurements);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RefusedPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var refused in page.Items)
            Write(json, refused);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (page.HasMore)
            json.WriteString("nextCursor"u8, new IdCursor(page.Items[^1].Id).Encode());
        json.WriteEndObject();
    }

    /// <summary>What became of refused measurements, and of how many.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> status, long measurements)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteNumber("measurements"u8, measurements);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RefusedMeasurements refused)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, refused.Id);
        json.WriteString("bucket"u8, refused.Bucket.Value);
        WriteTime(json, "refusedAt"u8, refused.RefusedAt);
        json.WriteString("code"u8, refused.Code);
        json.WriteString("reason"u8, refused.Reason);
        json.WriteNumber("measurements"u8, refused.Measurements);
        json.WriteString("sample"u8, refused.Sample);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.MaxLength];
        json.WriteString(name, text[..Rfc3339.Format(Timestamp.From(time), text)]);
    }
}
