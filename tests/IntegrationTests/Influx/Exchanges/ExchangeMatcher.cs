using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Web;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>Tells in what a request deviates from the one that was recorded.</summary>
internal static class ExchangeMatcher
{
    /// <summary>What a request may only have as recorded; the rest is HTTP's own.</summary>
    public static IReadOnlyList<string> Headers { get; } = ["Authorization", "Accept", "Content-Type", "Content-Encoding"];

    /// <summary>Null when it does not.</summary>
    public static async Task<string?> FindDeviationAsync(Exchange expected, HttpRequestMessage request)
    {
        if (request.Method.Method != expected.Method || request.RequestUri!.AbsolutePath != Path(expected.Target))
            return $"{request.Method} {request.RequestUri}";
        if (Parameters(request.RequestUri.Query) is var parameters && parameters != Parameters(expected.Target[Path(expected.Target).Length..]))
            return $"the parameters {parameters}";
        foreach (var header in Headers)
        {
            if (Header(request, header) is var value && value != expected.Request.Headers.GetValueOrDefault(header))
                return $"{header}: {value ?? "none"}";
        }

        var body = await ReadBodyAsync(request);
        return IsBody(expected.Request, body) ? null : $"the body {body}";
    }

    private static string Path(string target) => target.Split('?')[0];

    // Their order does not matter.
    private static string Parameters(string query)
    {
        var parameters = HttpUtility.ParseQueryString(query);
        return string.Join('\n', parameters.AllKeys.Order(StringComparer.Ordinal).Select(name => $"{name}={parameters[name]}"));
    }

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) || request.Content?.Headers.TryGetValues(name, out values) == true ? string.Join(", ", values!) : null;

    private static async Task<string> ReadBodyAsync(HttpRequestMessage request)
    {
        if (request.Content is null)
            return string.Empty;
        Stream body = new MemoryStream(await request.Content.ReadAsByteArrayAsync());
        await using var unpacked = request.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var reader = new StreamReader(unpacked);
        return await reader.ReadToEndAsync();
    }

    private static bool IsBody(ExchangeMessage expected, string body) => expected.Headers.GetValueOrDefault("Content-Type")?.Split(';')[0] switch
    {
        "application/json" => JsonNode.DeepEquals(JsonNode.Parse(expected.Body), JsonNode.Parse(body)),
        "application/x-www-form-urlencoded" => Parameters(body) == string.Join('\n', expected.Body.Split('\n').Order(StringComparer.Ordinal)),
        "text/plain" => expected.Body + "\n" == body,
        _ => expected.Body == body,
    };
}
