using System.ComponentModel;
using IotBackend.Api.Http.OpenApi;

namespace IotBackend.Api.Measurements;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>One measurement as it is sent.</summary>
public sealed class MeasurementDocument
{
    [Description("1–128 characters: letters with their marks, digits, _ - . : / % and spaces inside; not starting with _.")]
    public required string Device { get; init; }

    [Description("Default telemetry.")]
    public string Name { get; init; } = "telemetry";

    [TimeOrMilliseconds]
    [Description("RFC 3339 with an offset and up to 9 fraction digits, or an integer of Unix milliseconds. Default: the time of receipt.")]
    public string Timestamp { get; init; } = string.Empty;

    [Description("1–256 finite numbers, booleans or strings by name. A field keeps the type it was first written with.")]
    public required IReadOnlyDictionary<string, object> Fields { get; init; }

    [Description("At most 32 strings by key.")]
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>One measurement as it is read back.</summary>
public sealed record ReadMeasurementDocument(
    string Device,
    string Name,
    DateTimeOffset Timestamp,
    IReadOnlyDictionary<string, object> Fields,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>The answer to one stored measurement.</summary>
public sealed record StoredDocument(
    [property: Description("stored, or queued while the database is down.")] string Status,
    string Device,
    string Name,
    DateTimeOffset Timestamp,
    DateTimeOffset ReceivedAt);

/// <summary>The answer to a batch.</summary>
public sealed record BatchStoredDocument(
    [property: Description("stored, queued or partial.")] string Status,
    int Accepted,
    int Rejected)
{
    [Description("The first 100 faults; absent when there are none.")]
    public IReadOnlyList<FaultDocument> Errors { get; init; } = [];
}

/// <summary>A page of raw measurements.</summary>
public sealed record MeasurementPageDocument(IReadOnlyList<ReadMeasurementDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>Aggregates by series.</summary>
public sealed record AggregateDocument(IReadOnlyList<AggregatedSeriesDocument> Series)
{
    [Description("As it was asked; null when the range is one window.")]
    public string? Window { get; init; }
}

/// <summary>Aggregates of one field of one device, name and tags.</summary>
public sealed record AggregatedSeriesDocument(
    string Device,
    string Name,
    string Field,
    IReadOnlyDictionary<string, string> Tags,
    [property: Description("By window: its start as timestamp, and each aggregate by its name, null where there is none.")]
    IReadOnlyList<IReadOnlyDictionary<string, object?>> Points);

/// <summary>A page of newest values.</summary>
public sealed record LatestPageDocument(IReadOnlyList<LatestDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>The newest value of every field of one device, name and tags.</summary>
public sealed record LatestDocument(
    string Device,
    string Name,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, LatestValueDocument> Fields);

/// <summary>A value and its time.</summary>
public sealed record LatestValueDocument(object Value, DateTimeOffset Timestamp);
