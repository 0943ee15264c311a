using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>An operation as the OpenAPI document tells it, so that a test of all operations forgets none that is added later.</summary>
internal sealed class ApiOperation
{
    private readonly JsonNode _document;
    private readonly JsonNode _operation;

    private ApiOperation(JsonNode document, string path, string method, JsonNode operation) =>
        (_document, Path, Method, _operation) = (document, path, new HttpMethod(method), operation);

    public HttpMethod Method { get; }

    /// <summary>With its placeholders.</summary>
    public string Path { get; }

    public bool NeedsKey => _operation["security"] is not null;

    public bool IsAdministrative => Path.StartsWith("/admin/", StringComparison.Ordinal);

    /// <summary>Whether its answer has no end, and so can not be waited for; what such an answer tells has tests of its own.</summary>
    public bool IsStream => _operation["responses"]?["200"]?["content"]?["text/event-stream"] is not null;

    /// <summary>The schema of the JSON that it takes; null when it takes none.</summary>
    public JsonNode? BodySchema => Resolve(_operation["requestBody"]?["content"]?["application/json"]?["schema"]);

    /// <summary>The schema of the JSON that it answers with when all is well; null when there is none.</summary>
    public JsonNode? AnswerSchema => Resolve(_operation["responses"]?["200"]?["content"]?["application/json"]?["schema"]);

    /// <summary>The address with placeholders filled by what does not exist but could.</summary>
    public string Address => Path
        .Replace("{name}", "sample", StringComparison.Ordinal)
        .Replace("{device}", "sample", StringComparison.Ordinal)
        .Replace("{id}", Path.Contains("/spool/", StringComparison.Ordinal) ? "1" : Path.Contains("/blocks/", StringComparison.Ordinal) ? new string('0', 32) : "000000000000", StringComparison.Ordinal);

    public static async Task<IReadOnlyList<ApiOperation>> AllAsync(AccessServer server)
    {
        var document = JsonNode.Parse(await server.Client().GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        List<ApiOperation> all =
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select new ApiOperation(document, path.Key, operation.Key.ToUpperInvariant(), operation.Value!),
        ];
        Assert.True(all.Count > 20, "The document has hardly any operations.");
        Assert.Equal([], all.Where(operation => operation.Address.Contains('{', StringComparison.Ordinal)).Select(operation => operation.ToString()));
        return all;
    }

    public bool HasParameter(string name) => Parameter(name) is not null;

    /// <summary>The most that a whole number may be, as the document says.</summary>
    public long? MaximumOf(string name) => long.TryParse(Parameter(name)?["schema"]?["maximum"]?.ToString(), CultureInfo.InvariantCulture, out var most) ? most : null;

    /// <summary>A request; with a JSON body where it takes one.</summary>
    public HttpRequestMessage ToRequest(string query = "", string? json = null)
    {
        var request = new HttpRequestMessage(Method, Address + query);
        if (BodySchema is not null)
            request.Content = new StringContent(json ?? (IsArray ? "[]" : "{}"), Encoding.UTF8, "application/json");
        return request;
    }

    /// <summary>The request with a JSON object as its body, or as the only element of the array that it takes.</summary>
    public HttpRequestMessage ToRequest(JsonObject body) => ToRequest(json: IsArray ? new JsonArray(body).ToJsonString() : body.ToJsonString());

    public JsonNode? Resolve(JsonNode? schema) => schema?["$ref"] is { } reference
        ? _document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]
        : schema;

    /// <summary>The members that an object of the body may have.</summary>
    public IReadOnlyList<string> BodyMembers() => [.. ((IsArray ? Resolve(BodySchema!["items"]) : BodySchema)!["properties"]?.AsObject() ?? []).Select(member => member.Key)];

    public override string ToString() => $"{Method} {Path}";

    private bool IsArray => (string?)BodySchema?["type"] == "array";

    private JsonNode? Parameter(string name) =>
        _operation["parameters"]?.AsArray().FirstOrDefault(parameter => (string?)parameter!["name"] == name && (string?)parameter["in"] == "query");
}
