using System.Text.Json;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Api.Formats;

/// <summary>The usage of a key as the contract's JSON.</summary>
internal static class ApiKeyUsageJson
{
    public static void Write(Utf8JsonWriter json, ApiKeyUsage usage)
    {
        json.WriteStartObject();
        Write(json, "hours"u8, usage.Hours);
        Write(json, "days"u8, usage.Days);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<KeyUsage> periods)
    {
        json.WriteStartArray(name);
        foreach (var (_, period, counts) in periods)
        {
            json.WriteStartObject();
            JsonTime.Write(json, "from"u8, period.From);
            json.WriteNumber("requests"u8, counts.Requests);
            json.WriteNumber("measurements"u8, counts.Measurements);
            json.WriteNumber("bytes"u8, counts.Bytes);
            json.WriteNumber("rejected"u8, counts.Rejected);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
