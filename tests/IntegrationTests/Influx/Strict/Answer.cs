using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>What a server answers.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Body">The whole body; empty for none.</param>
/// <param name="ContentType">The body's type.</param>
internal sealed record Answer(int Status, string Body = "", string ContentType = "application/json")
{
    public static Answer NoContent { get; } = new(204);

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static Answer Json(int status, JsonNode body) => new(status, body.ToJsonString());

    public static Answer Text(int status, string body) => new(status, body, "text/plain; charset=utf-8");
}
