using System.ComponentModel;
using System.Text.Json.Nodes;

namespace IotBackend.Api.Access;

// These types describe the contract's JSON for the OpenAPI document; the bytes are written by Formats.

/// <summary>An entry of the audit log.</summary>
public sealed record AuditEntryDocument(
    [property: Description("Grows with every entry.")] string Id,
    DateTimeOffset Time,
    [property: Description("A noun and a verb, such as key.create.")] string Action,
    [property: Description("done, or the code of an error; null while the act goes on, and for ever when it was cut off.")] string? Outcome,
    [property: Description("How many alike within a minute it stands for.")] int Count)
{
    [Description("The key that did it; absent when none was recognised, and for what the program does of itself.")]
    public AuditActorDocument Actor { get; init; } = new(string.Empty, string.Empty);

    [Description("Where the request came from.")]
    public string Address { get; init; } = string.Empty;

    [Description("What it was done to.")]
    public AuditObjectDocument Object { get; init; } = new(string.Empty, string.Empty);

    [Description("The object before; never a secret.")]
    public JsonObject Before { get; init; } = [];

    [Description("The object after; never a secret.")]
    public JsonObject After { get; init; } = [];

    public string RequestId { get; init; } = string.Empty;
}

/// <summary>The key that did something.</summary>
public sealed record AuditActorDocument(string Id, string? Name);

/// <summary>What something was done to.</summary>
public sealed record AuditObjectDocument(string Kind, string? Id);

/// <summary>A page of the audit log.</summary>
public sealed record AuditPageDocument(IReadOnlyList<AuditEntryDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}
