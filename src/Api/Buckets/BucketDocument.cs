using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using IotBackend.Domain.Buckets;

namespace IotBackend.Api.Buckets;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>A bucket.</summary>
public sealed record BucketDocument(
    string Name,
    string Description,
    [property: Description("How long measurements are kept; null for ever.")] int? RetentionHours,
    [property: Description("How many it holds, as of some seconds ago; null when that can not be told now.")] long? Measurements,
    [property: Description("What they take on disk, as of some seconds ago; null when that can not be told.")] long? Bytes);

/// <summary>The rules of a bucket as they are sent. What is left out is empty, or for ever.</summary>
public sealed class BucketRulesDocument
{
    [MaxLength(Bucket.MaxDescriptionLength)]
    public string Description { get; init; } = string.Empty;

    [Range(Retention.MinHours, Retention.MaxHours)]
    [Description("How long measurements are kept; null for ever.")]
    public int? RetentionHours { get; init; }
}

/// <summary>A page of buckets.</summary>
public sealed record BucketPageDocument(IReadOnlyList<BucketDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>The answer to a deletion.</summary>
public sealed record BucketDeletedDocument([property: Description("deleted")] string Status, string Name);
