using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>The InfluxDB 1.x behind a strict server.</summary>
internal sealed class RealInflux(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    /// <summary>Runs InfluxQL with the parameters of <c>/query</c>.</summary>
    public async Task<Answer> QueryAsync(string statement, params IEnumerable<KeyValuePair<string, string>> parameters)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("q", statement), .. parameters]);
        using var response = await _http.PostAsync(new Uri("query", UriKind.Relative), form);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Runs a statement that must not fail, and gives the rows of its answer.</summary>
    public async Task<IReadOnlyList<JsonNode>> ExecuteAsync(string statement)
    {
        var answer = await QueryAsync(statement);
        var result = JsonNode.Parse(answer.Body)?["results"]?[0];
        if (answer.Status != 200 || result?["error"] is not null)
            throw new InvalidOperationException($"{statement}: {answer.Body}");
        return result?["series"]?.AsArray().Select(series => series!).ToList() ?? [];
    }

    /// <summary>Writes lines with times in nanoseconds; null when all were stored, else what it said.</summary>
    public async Task<string?> WriteAsync(string database, string lines, string policy = "autogen")
    {
        var path = $"write?db={Uri.EscapeDataString(database)}&rp={Uri.EscapeDataString(policy)}&precision=ns";
        using var content = new StringContent(lines, Encoding.UTF8);
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
        if (response.IsSuccessStatusCode)
            return null;
        using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return error.RootElement.GetProperty("error").GetString();
    }

    public void Dispose() => _http.Dispose();
}
