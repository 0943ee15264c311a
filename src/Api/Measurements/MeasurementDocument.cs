using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace IotBackend.Api.Measurements;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>One measurement.</summary>
public sealed record MeasurementDocument(
    [property: Required, Description("1–128 characters: letters with their marks, digits, _ - . : / % and spaces inside; not starting with _.")] string Device,
    [property: Description("Default telemetry.")] string? Name,
    [property: Description("RFC 3339 with an offset and up to 9 fraction digits, or an integer of Unix milliseconds. Default: the time of receipt.")] string? Timestamp,
    [property: Required, Description("1–256 finite numbers, booleans or strings by name. A field keeps the type it was first written with.")] IReadOnlyDictionary<string, object> Fields,
    [property: Description("At most 32 strings by key.")] IReadOnlyDictionary<string, string>? Tags);

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
    int Rejected,
    [property: Description("The first 100 faults.")] IReadOnlyList<ItemFaultDocument>? Errors);

/// <summary>A fault of one item of a batch.</summary>
public sealed record ItemFaultDocument(int Index, string Code, string Message, string? Field);

/// <summary>A page of raw measurements.</summary>
public sealed record MeasurementPageDocument(IReadOnlyList<MeasurementDocument> Items, bool HasMore, string? NextCursor);

/// <summary>A page of newest values.</summary>
public sealed record LatestPageDocument(IReadOnlyList<LatestDocument> Items, bool HasMore, string? NextCursor);

/// <summary>The newest value of every field of one device, name and tags.</summary>
public sealed record LatestDocument(
    string Device,
    string Name,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, LatestValueDocument> Fields);

/// <summary>A value and its time.</summary>
public sealed record LatestValueDocument([property: JsonRequired] object Value, DateTimeOffset Timestamp);
