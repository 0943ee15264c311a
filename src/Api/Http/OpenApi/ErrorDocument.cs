using System.ComponentModel;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>Every error, on every path but the InfluxDB-compatible ones.</summary>
public sealed record ErrorDocument(
    [property: Description("Stable snake_case code.")] string Error,
    [property: Description("A sentence for a person.")] string Message,
    [property: Description("Finds the failure in the server's log.")] string ErrorId,
    [property: Description("What the code is about; errors[] lists all faults of a body or of parameters.")] IReadOnlyDictionary<string, object>? Details,
    DateTimeOffset Timestamp);
