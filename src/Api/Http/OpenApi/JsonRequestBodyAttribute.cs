namespace IotBackend.Api.Http.OpenApi;

/// <summary>The body of an action that reads it itself, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class JsonRequestBodyAttribute(Type type) : Attribute
{
    public Type Type => type;
}
