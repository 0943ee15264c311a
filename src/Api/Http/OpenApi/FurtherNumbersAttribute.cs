namespace IotBackend.Api.Http.OpenApi;

/// <summary>An object that may have further members, all of them numbers, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FurtherNumbersAttribute(string description) : Attribute
{
    public string Description => description;
}
