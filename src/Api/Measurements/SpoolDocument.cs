using System.ComponentModel;

namespace IotBackend.Api.Measurements;

// These types describe the contract's JSON for the OpenAPI document; the bytes are written by Formats.

/// <summary>How much waits on local disk for the database, and how much that refused, of all buckets.</summary>
public sealed record SpoolDocument(
    [property: Description("Writes that wait.")] long Entries,
    [property: Description("Measurements in them.")] long Measurements,
    [property: Description("Bytes of those that wait and of those that were refused.")] long Bytes,
    [property: Description("The most bytes; beyond, writes get 503 storage_unavailable.")] long CapacityBytes,
    [property: Description("When the oldest that waits came; null when none waits.")] DateTimeOffset? OldestAt,
    long RefusedEntries,
    long RefusedMeasurements);

/// <summary>A page of what the database refused for good.</summary>
public sealed record RefusedPageDocument(IReadOnlyList<RefusedDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>Measurements that the database refused for good.</summary>
public sealed record RefusedDocument(
    long Id,
    string Bucket,
    DateTimeOffset RefusedAt,
    [property: Description("A code of item errors, such as field_type_conflict.")] string Code,
    [property: Description("What the database said.")] string Reason,
    int Measurements,
    [property: Description("The first of them as it was sent to the database, cut at 1,000 characters.")] string Sample);

/// <summary>What became of refused measurements.</summary>
public sealed record RefusedOutcomeDocument(
    [property: Description("queued or discarded.")] string Status,
    long Measurements);
