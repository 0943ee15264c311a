namespace IotBackend.Api.Http.OpenApi;

/// <summary>The statuses with which an action refuses, each in the contract's error structure, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RefusesWithAttribute(params int[] statuses) : Attribute
{
    public IReadOnlyList<int> Statuses => statuses;
}
