namespace IotBackend.Api.Http.OpenApi;

/// <summary>A query parameter of an action that reads it itself, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class QueryParameterAttribute(string name, string description) : Attribute
{
    public string Name => name;

    public string Description => description;

    public bool IsRepeatable { get; init; }

    /// <summary>The most that a whole number from 1 on may be; 0 when the parameter is a text.</summary>
    public int Maximum { get; init; }

    /// <summary>The only values, when they are few.</summary>
    public string[] Values { get; init; } = [];
}
