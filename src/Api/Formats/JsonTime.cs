using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Times as the contract writes them: RFC 3339, UTC, no trailing zeros in the fraction.</summary>
internal static class JsonTime
{
    /// <summary>Writes a member; null when there is no time.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, Timestamp.From(known).ToString());
        else
            json.WriteNull(name);
    }
}
