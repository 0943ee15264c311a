using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using IotBackend.Domain.Access;

namespace IotBackend.Api.Access;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>How much a key may send in a sliding window.</summary>
public sealed record TierDocument(
    string Name,
    [property: Description("Requests a window; null: no limit.")] long? Requests,
    [property: Description("Measurements a window; null: no limit.")] long? Measurements,
    int WindowSeconds,
    [property: Description("Measurements that may be saved up beyond a window's while a key is idle.")] long Burst);

/// <summary>The limits of a tier as they are sent. What is left out is no limit, a window of a minute and no burst.</summary>
public sealed class TierLimitsDocument
{
    [Description("As in the address, if it is given at all.")]
    public string Name { get; init; } = string.Empty;

    [Range(1, Tier.MaxPerWindow)]
    [Description("Requests a window; null: no limit.")]
    public long? Requests { get; init; }

    [Range(1, Tier.MaxPerWindow)]
    [Description("Measurements a window; null: no limit.")]
    public long? Measurements { get; init; }

    [Range(1, Tier.MaxWindowSeconds)]
    public int WindowSeconds { get; init; } = Tier.DefaultWindowSeconds;

    [Range(0, Tier.MaxPerWindow)]
    [Description("Measurements that may be saved up beyond a window's while a key is idle; needs a limit of measurements.")]
    public long Burst { get; init; }
}

/// <summary>A page of tiers.</summary>
public sealed record TierPageDocument(IReadOnlyList<TierDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>The answer to a deletion.</summary>
public sealed record TierDeletedDocument(
    [property: Description("deleted; or reset, when the tier is built in or configured and went back to what it is there.")] string Status, string Name);
