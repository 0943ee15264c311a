using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Writes;

/// <summary>Posting line protocol as clients of InfluxDB do, and reading their answers.</summary>
internal static class InfluxWrites
{
    public const string Version1 = "/write?db=default";
    public const string Version2 = "/api/v2/write?org=any&bucket=default";

    public static async Task<HttpResponseMessage> WriteAsync(
        this AccessServer server, string address, string lines, string? authorization = null, string? contentType = "text/plain; charset=utf-8")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? "Token " + server.AdminKey);
        return await server.Client().SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>Fails unless it is an error as 2.x shapes it, and gives it.</summary>
    public static async Task<JsonNode> ShouldFailAs2Async(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var error = await ReadAsync(response, status);
        Assert.Equal(code, (string?)error["code"]);
        Assert.False(string.IsNullOrEmpty((string?)error["message"]));
        Assert.Equal(26, ((string)error["errorId"]!).Length);
        Assert.EndsWith("Z", (string?)error["timestamp"], StringComparison.Ordinal);
        Assert.Empty(error.AsObject().Select(member => member.Key).Except(["code", "message", "line", "errorId", "timestamp"]));
        return error;
    }

    /// <summary>Fails unless it is an error as 1.x shapes it, and gives its message.</summary>
    public static async Task<string> ShouldFailAs1Async(this HttpResponseMessage response, HttpStatusCode status)
    {
        var error = await ReadAsync(response, status);
        var message = (string?)Assert.Single(error.AsObject()).Value;
        Assert.Equal("error", error.AsObject().Single().Key);
        Assert.Equal(Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(message!)), response.Headers.GetValues("X-Influxdb-Error").Single());
        return message!;
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }
}
