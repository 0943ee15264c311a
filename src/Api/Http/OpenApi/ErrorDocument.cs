using System.ComponentModel;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>Every error, on every path but the InfluxDB-compatible ones.</summary>
public sealed record ErrorDocument(
    [property: Description("Stable snake_case code.")] string Error,
    [property: Description("A sentence for a person.")] string Message,
    [property: Description("Finds the failure in the server's log.")] string ErrorId,
    DateTimeOffset Timestamp)
{
    [Description("What the code is about; absent when there is nothing more to say.")]
    public ErrorDetailsDocument Details { get; init; } = new();
}

/// <summary>What an error is about, beside members of single codes.</summary>
public sealed record ErrorDetailsDocument
{
    [Description("All faults of a body or of parameters, the first 100.")]
    public IReadOnlyList<FaultDocument> Errors { get; init; } = [];
}
