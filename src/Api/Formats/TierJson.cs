using System.Text.Json;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>Tiers as the contract's JSON.</summary>
internal static class TierJson
{
    private static readonly string[] Members = ["name", "requests", "measurements", "windowSeconds", "burst"];

    /// <summary>Reads the limits of a tier; all that a tier has may stand there, so that what was read can be sent back.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="name">The name that the address gives.</param>
    /// <param name="addFault">Takes the faults of single members.</param>
    /// <param name="tier">What it says.</param>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, string name, Action<Fault> addFault, out Tier tier)
    {
        var error = JsonMembers.Parse(body, "a tier", Members, addFault, out var members);
        tier = new Tier(
            name,
            members.Integer("requests", 1, Tier.MaxPerWindow, isNullable: true),
            members.Integer("measurements", 1, Tier.MaxPerWindow, isNullable: true),
            (int)(members.Integer("windowSeconds", 1, Tier.MaxWindowSeconds) ?? Tier.DefaultWindowSeconds),
            members.Integer("burst", 0, Tier.MaxPerWindow) ?? 0);
        if (members.Text("name", 1, Tier.MaxNameLength) is { } given && given != name)
            members.AddFault("name", ErrorCodes.InvalidText, $"'name' is '{name}' in the address.");
        if (tier.Burst > 0 && (!members.Has("measurements") || members.IsNull("measurements")))
            members.AddFault("burst", ErrorCodes.NumberOutOfRange, "'burst' needs 'measurements': it is saved up from what they leave over.");
        return error;
    }

    public static void Write(Utf8JsonWriter json, TierPage page, string? nextCursor)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var tier in page.Items)
            Write(json, tier);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (nextCursor is not null)
            json.WriteString("nextCursor"u8, nextCursor);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Tier tier)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tier.Name);
        WriteNumber(json, "requests"u8, tier.Requests);
        WriteNumber(json, "measurements"u8, tier.Measurements);
        json.WriteNumber("windowSeconds"u8, tier.WindowSeconds);
        json.WriteNumber("burst"u8, tier.Burst);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
