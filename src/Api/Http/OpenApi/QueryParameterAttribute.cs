namespace IotBackend.Api.Http.OpenApi;

/// <summary>A query parameter of an action that reads it itself, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class QueryParameterAttribute(string name, string description) : Attribute
{
    public string Name => name;

    public string Description => description;

    public bool IsRepeatable { get; init; }
}
