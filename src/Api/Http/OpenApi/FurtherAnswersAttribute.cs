namespace IotBackend.Api.Http.OpenApi;

/// <summary>What an action answers with beside its own document, for the OpenAPI document.</summary>
/// <param name="document">Another document in JSON.</param>
/// <param name="streamed">Media types of text that it streams.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FurtherAnswersAttribute(Type document, params string[] streamed) : Attribute
{
    public Type Document => document;

    public IReadOnlyList<string> Streamed => streamed;
}
