namespace IotBackend.Api.Composition;

/// <summary>Section <c>ApiReference</c>.</summary>
public sealed class ApiReferenceOptions
{
    public const string Section = "ApiReference";

    /// <summary>Whether <c>/openapi/v1.json</c> and <c>/docs</c> are served.</summary>
    public bool Enabled { get; set; } = true;
}
