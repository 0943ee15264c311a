using System.Globalization;
using System.Text.Json;
using IotBackend.Application.Access.Audit;

namespace IotBackend.Api.Formats;

/// <summary>The audit log as the contract's JSON.</summary>
internal static class AuditJson
{
    public static void Write(Utf8JsonWriter json, AuditPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var entry in page.Items)
            Write(json, entry);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (page.HasMore)
            json.WriteString("nextCursor"u8, new IdCursor(page.Items[^1].Id).Encode());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AuditEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, entry.Id.ToString(CultureInfo.InvariantCulture));
        JsonTime.Write(json, "time"u8, entry.Time);
        json.WriteString("action"u8, entry.Action);
        json.WriteString("outcome"u8, entry.Outcome);
        if (entry.ActorId is { } actor)
            WritePair(json, "actor"u8, ("id", actor), ("name", entry.ActorName));
        if (entry.Address is { } address)
            json.WriteString("address"u8, address);
        if (entry.ObjectKind is { } kind)
            WritePair(json, "object"u8, ("kind", kind), ("id", entry.ObjectId));
        WriteObject(json, "before"u8, entry.Before);
        WriteObject(json, "after"u8, entry.After);
        if (entry.RequestId is { } request)
            json.WriteString("requestId"u8, request);
        json.WriteNumber("count"u8, entry.Count);
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, ReadOnlySpan<byte> name, (string Name, string Value) first, (string Name, string? Value) second)
    {
        json.WriteStartObject(name);
        json.WriteString(first.Name, first.Value);
        json.WriteString(second.Name, second.Value);
        json.WriteEndObject();
    }

    // It was written by this program, as JSON.
    private static void WriteObject(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
            return;
        json.WritePropertyName(name);
        json.WriteRawValue(text);
    }
}
