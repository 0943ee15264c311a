namespace IotBackend.Api.Http.OpenApi;

/// <summary>An action that takes <c>Idempotency-Key</c>, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IdempotentAttribute : Attribute
{
    public static IReadOnlyList<(string Name, string Description)> Headers { get; } =
    [
        (IdempotencyKey.Header,
            "1–255 visible ASCII characters, in double quotes or without. A retry with the same key and body gets the first answer, "
            + "with 'Idempotency-Replayed: true'; with another body 422, and 409 while the first is in progress."),
    ];
}
