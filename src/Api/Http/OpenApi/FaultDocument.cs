using System.ComponentModel;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>One fault of a request.</summary>
public sealed record FaultDocument(string Code, string Message)
{
    [Description("Position in a batch, from 0; absent elsewhere, and in the formats of lines.")]
    public int Index { get; init; }

    [Description("Line of the body, from 1, in the formats of lines; absent elsewhere.")]
    public int Line { get; init; }

    [Description("Path of the member, or name of the parameter; absent when the fault is of the whole.")]
    public string Field { get; init; } = string.Empty;
}
