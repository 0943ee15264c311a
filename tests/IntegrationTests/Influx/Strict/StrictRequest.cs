using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>A request with the questions that a strict server asks of it.</summary>
internal sealed class StrictRequest(HttpRequest request)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _form = [];

    public string Method => request.Method;

    public string Path => request.Path;

    /// <summary>Such as <c>POST /write</c>.</summary>
    public string Route => $"{Method} {Path}";

    public string? Header(string name) => request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A parameter of the address, or of the form once that has been read; null when it is not given.</summary>
    public string? this[string name] => _form.GetValueOrDefault(name) ?? (request.Query.TryGetValue(name, out var values) ? values.ToString() : null);

    public string Require(string name) =>
        this[name] is { Length: > 0 } value ? value : throw new DeviationException($"{Route} lacks the parameter '{name}'");

    /// <summary>Refuses every parameter but these, and each that is given twice.</summary>
    public void Allow(params ReadOnlySpan<string> names)
    {
        foreach (var (name, values) in request.Query)
            CheckParameter(name, values.Count + (_form.ContainsKey(name) ? 1 : 0), names);
        foreach (var name in _form.Keys)
            CheckParameter(name, 1, names);
    }

    /// <summary>A form of <c>application/x-www-form-urlencoded</c>; its members then count as parameters.</summary>
    public async Task ReadFormAsync()
    {
        if (Method == HttpMethods.Get)
            return;
        RequireContentType("application/x-www-form-urlencoded");
        var reader = new FormReader(await ReadTextAsync()) { ValueLengthLimit = 8 << 20, KeyLengthLimit = 100 };
        foreach (var (name, values) in await reader.ReadFormAsync())
            _form.Add(name, values.Count == 1 ? values.ToString() : throw new DeviationException($"{Route} gives '{name}' twice"));
    }

    /// <summary>A body of JSON with no other members than these.</summary>
    public async Task<JsonObject> ReadJsonAsync(params string[] members)
    {
        RequireContentType("application/json");
        try
        {
            var body = JsonNode.Parse(await ReadTextAsync()) as JsonObject ?? throw new DeviationException($"{Route} has no object as its body");
            if (body.Select(member => member.Key).Except(members).FirstOrDefault() is { } unknown)
                throw new DeviationException($"{Route} does not know the member '{unknown}'");
            return body;
        }
        catch (JsonException exception)
        {
            throw new DeviationException($"{Route}: {exception.Message}");
        }
    }

    /// <summary>Line protocol, unpacked.</summary>
    public Task<string> ReadLinesAsync()
    {
        RequireContentType("text/plain");
        return ReadTextAsync();
    }

    private void CheckParameter(string name, int count, ReadOnlySpan<string> names)
    {
        if (!names.Contains(name))
            throw new DeviationException($"{Route} does not know the parameter '{name}'");
        if (count != 1)
            throw new DeviationException($"{Route} gives '{name}' twice");
    }

    private void RequireContentType(string expected)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type != expected)
            throw new DeviationException($"{Route} is {type ?? "of no type"}, not {expected}");
    }

    private async Task<string> ReadTextAsync()
    {
        var encoding = Header("Content-Encoding");
        if (encoding is not (null or "identity" or "gzip"))
            throw new DeviationException($"{Route} is packed as '{encoding}'");
        using var bytes = new MemoryStream();
        await using var body = encoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        try
        {
            await body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
            return StrictUtf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (Exception exception) when (exception is InvalidDataException or DecoderFallbackException)
        {
            throw new DeviationException($"{Route}: {exception.Message}");
        }
    }
}
