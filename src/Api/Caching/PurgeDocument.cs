using System.ComponentModel;

namespace IotBackend.Api.Caching;

// These types describe the contract's JSON for the OpenAPI document; the bytes are read and written by Formats.

/// <summary>What is purged: exactly one of these.</summary>
public sealed class PurgeDocument
{
    [Description("True: everything.")]
    public bool All { get; init; }

    [Description("Names of devices: what depends on them.")]
    public IReadOnlyList<string> Devices { get; init; } = [];

    [Description("device:<name> or bucket:<name>: what depends on them.")]
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>What was purged.</summary>
public sealed record PurgedDocument(string Status, [property: Description("all, devices or tags.")] string Scope)
{
    [Description("How many answers this node forgot; absent when they are only no longer found.")]
    public long Removed { get; init; }
}

/// <summary>What is asked again.</summary>
public sealed class WarmDocument
{
    [Description("Up to 50 paths with their queries, such as /measurements?device=a; by default the most asked.")]
    public IReadOnlyList<string> Queries { get; init; } = [];
}

/// <summary>What was asked again.</summary>
public sealed record WarmedDocument(string Status, int Warmed, IReadOnlyList<FailedQueryDocument> Failed);

/// <summary>A query that could not be answered.</summary>
public sealed record FailedQueryDocument(string Query, string Code, string Message);
