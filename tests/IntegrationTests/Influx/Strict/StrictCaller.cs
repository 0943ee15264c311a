using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>Asks a strict server as a client does that knows its version.</summary>
internal sealed class StrictCaller : IDisposable
{
    private readonly HttpClient _http;

    public StrictCaller(StrictServer server, string authorization)
    {
        _http = new HttpClient { BaseAddress = server.Url };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
    }

    public Task<Answer> GetAsync(string path) => CallAsync(HttpMethod.Get, path, null);

    public Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body = null) =>
        CallAsync(method, path, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    public Task<Answer> WriteAsync(string path, string lines, string type = "text/plain") =>
        CallAsync(HttpMethod.Post, path, new StringContent(lines, Encoding.UTF8, new MediaTypeHeaderValue(type)));

    public Task<Answer> QueryAsync(string parameters, string statement, params KeyValuePair<string, string>[] form) =>
        CallAsync(HttpMethod.Post, $"/query?epoch=ns&{parameters}", new FormUrlEncodedContent([KeyValuePair.Create("q", statement), .. form]));

    public void Dispose() => _http.Dispose();

    private async Task<Answer> CallAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, body, response.Content.Headers.ContentType?.MediaType ?? string.Empty)
        {
            Headers = response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value)),
        };
    }
}
