using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace IotBackend.Api.ApiKeys;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>A key, without its secret. Empty lists mean all; but no certificates mean none.</summary>
public sealed record ApiKeyDocument(
    string Id,
    string Name,
    string Notes,
    IReadOnlyList<string> Scopes,
    string Tier,
    IReadOnlyList<string> Buckets,
    [property: Description("Names of devices, or their beginnings with a star: greenhouse-*.")] IReadOnlyList<string> Devices,
    [property: Description("Networks that requests may come from, in CIDR notation.")] IReadOnlyList<string> Networks,
    [property: Description("SHA-256 fingerprints of client certificates that stand for the key.")] IReadOnlyList<string> Certificates,
    [property: Description("Null: never.")] DateTimeOffset? ExpiresAt,
    [property: Description("active, expired or revoked")] string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RevokedAt,
    [property: Description("Until when the secret before the last rotation works; null: it does not.")] DateTimeOffset? OldSecretUntil,
    [property: Description("As of some seconds ago.")] DateTimeOffset? LastUsedAt,
    string? LastUsedFrom);

/// <summary>A key with its secret, told this once.</summary>
public sealed record IssuedApiKeyDocument(
    [property: Description("What the holder presents. Told this once.")] string Key,
    string Id,
    string Name,
    string Notes,
    IReadOnlyList<string> Scopes,
    string Tier,
    IReadOnlyList<string> Buckets,
    IReadOnlyList<string> Devices,
    IReadOnlyList<string> Networks,
    IReadOnlyList<string> Certificates,
    DateTimeOffset? ExpiresAt,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? OldSecretUntil,
    DateTimeOffset? LastUsedAt,
    string? LastUsedFrom);

/// <summary>What can be set of a key. For a new one name and scopes are required; a change leaves alone what it does not name.</summary>
public sealed class ApiKeyValuesDocument
{
    [MinLength(1)]
    [MaxLength(128)]
    public string Name { get; init; } = string.Empty;

    [MaxLength(2048)]
    public string Notes { get; init; } = string.Empty;

    [Description("measurements:read, measurements:write, measurements:delete, cache:manage, metrics:read, admin")]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    [Description("standard unless told otherwise.")]
    public string Tier { get; init; } = string.Empty;

    public IReadOnlyList<string> Buckets { get; init; } = [];

    public IReadOnlyList<string> Devices { get; init; } = [];

    public IReadOnlyList<string> Networks { get; init; } = [];

    public IReadOnlyList<string> Certificates { get; init; } = [];

    [Description("In the future; null for never.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>How a key is rotated.</summary>
public sealed class RotationDocument
{
    [Range(0, Application.ApiKeys.RotateApiKey.MaxOverlapSeconds)]
    [Description("How long the old secret works as well; a day unless told otherwise.")]
    public int OverlapSeconds { get; init; } = Application.ApiKeys.RotateApiKey.DefaultOverlapSeconds;
}

/// <summary>A page of keys.</summary>
public sealed record ApiKeyPageDocument(IReadOnlyList<ApiKeyDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}
