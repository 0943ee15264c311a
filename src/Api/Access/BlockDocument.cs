using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Access.Blocks;

namespace IotBackend.Api.Access;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>An address, a network or a key that is kept out.</summary>
public sealed record BlockDocument(
    string Id,
    [property: Description("address or key")] string Kind,
    [property: Description("An address, a network in CIDR notation, or the id of a key.")] string Value,
    string Reason,
    DateTimeOffset CreatedAt,
    [property: Description("Null: until it is lifted.")] DateTimeOffset? Until);

/// <summary>What a new block is told.</summary>
public sealed class BlockValuesDocument
{
    [Required]
    [AllowedValues("address", "key")]
    public string Kind { get; init; } = string.Empty;

    [Required]
    [Description("An address, a network in CIDR notation (from /8, IPv6 from /32), or the id of a key.")]
    public string Value { get; init; } = string.Empty;

    [Required]
    [MinLength(1)]
    [MaxLength(CreateBlock.MaxReasonLength)]
    public string Reason { get; init; } = string.Empty;

    [Description("In the future; null or absent: until it is lifted.")]
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A page of blocks.</summary>
public sealed record BlockPageDocument(IReadOnlyList<BlockDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}
