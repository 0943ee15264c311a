namespace IotBackend.Api.Http.OpenApi;

/// <summary>An action that takes <c>If-Match</c> and <c>If-None-Match</c>, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ConditionalChangeAttribute : Attribute
{
    public static IReadOnlyList<(string Name, string Description)> Headers { get; } =
    [
        ("If-Match", "Only if the thing has one of these ETags, or with * if it exists; else 412."),
        ("If-None-Match", "* for: only if there is none yet; else 412."),
    ];
}
