namespace IotBackend.Api.Http.OpenApi;

/// <summary>A media type that an action takes beside JSON, as a text, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class FurtherRequestBodyAttribute(string mediaType, string description) : Attribute
{
    public string MediaType => mediaType;

    public string Description => description;
}
