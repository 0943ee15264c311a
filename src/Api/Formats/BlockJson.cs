using System.Text.Json;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>Blocks as the contract's JSON.</summary>
internal static class BlockJson
{
    private static readonly string[] Members = ["kind", "value", "reason", "until"];

    /// <summary>Reads <c>{ "kind", "value", "reason", "until"? }</c>.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="now">The end must be later.</param>
    /// <param name="addFault">Takes the faults of single members.</param>
    /// <param name="command">What it says.</param>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, DateTimeOffset now, Action<Fault> addFault, out CreateBlock command)
    {
        var error = JsonMembers.Parse(body, "a block", Members, addFault, out var members);
        foreach (var required in Members[..3].Where(name => error is null && !members.Has(name)))
            members.AddFault(required, ErrorCodes.Required, $"A block needs a '{required}'.");
        var until = members.Time("until");
        if (until <= now)
            members.AddFault("until", ErrorCodes.TimestampOutOfRange, "'until' is in the past.");
        command = new CreateBlock(ReadTarget(members), members.Text("reason", 1, CreateBlock.MaxReasonLength) ?? string.Empty, until);
        return error;
    }

    public static void Write(Utf8JsonWriter json, BlockPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var block in page.Items)
            Write(json, block);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (page.HasMore)
            json.WriteString("nextCursor"u8, page.Items[^1].Id);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Block block)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, block.Id);
        json.WriteString("kind"u8, BlockKinds.NameOf(block.Kind));
        json.WriteString("value"u8, block.Value);
        json.WriteString("reason"u8, block.Reason);
        JsonTime.Write(json, "createdAt"u8, block.CreatedAt);
        JsonTime.Write(json, "until"u8, block.Until);
        json.WriteEndObject();
    }

    private static BlockTarget? ReadTarget(JsonMembers members)
    {
        var kind = members.Text("kind", 1, 16) is { } name ? BlockKinds.TryParse(name) : null;
        if (kind is null && members.Has("kind"))
            members.AddFault("kind", ErrorCodes.InvalidText, "'kind' is address or key.");
        if (members.Text("value", 1, 64) is not { } value || kind is null)
            return null;
        return kind == BlockKind.Key ? ReadKey(members, value) : ReadNetwork(members, value);
    }

    private static BlockTarget? ReadKey(JsonMembers members, string value)
    {
        if (value.Length == ApiKeyToken.IdLength && value.All(char.IsAsciiLetterOrDigit))
            return BlockTarget.OfKey(value);
        members.AddFault("value", ErrorCodes.InvalidIdentifier, $"'value' is the id of a key: {ApiKeyToken.IdLength} letters and digits.");
        return null;
    }

    private static BlockTarget? ReadNetwork(JsonMembers members, string value)
    {
        if (AddressNetwork.TryParse(value, out var network) && network.PrefixLength >= (network.IsIPv4 ? CreateBlock.WidestIPv4 : CreateBlock.WidestIPv6))
            return BlockTarget.Of(network);
        members.AddFault(
            "value",
            ErrorCodes.InvalidNetwork,
            $"'value' is an address, or a network such as 192.0.2.0/24 without bits beyond its prefix, from /{CreateBlock.WidestIPv4}, IPv6 from /{CreateBlock.WidestIPv6}.");
        return null;
    }
}
