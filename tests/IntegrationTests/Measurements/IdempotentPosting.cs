using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>Posting with an <c>Idempotency-Key</c>.</summary>
internal static class IdempotentPosting
{
    /// <param name="client">The client.</param>
    /// <param name="path">Where.</param>
    /// <param name="body">JSON.</param>
    /// <param name="key">The header as it is sent.</param>
    public static async Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", key));
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A client with a key that was just made, and may do what devices do.</summary>
    public static async Task<HttpClient> NewKeyClientAsync(this IotServer server)
    {
        var created = await server.Client().PostAsJsonAsync(
            "/admin/keys",
            new { name = "other", scopes = new[] { "measurements:read", "measurements:write" }, tier = "unlimited" },
            TestContext.Current.CancellationToken);
        var key = await created.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return server.Client(key.GetProperty("key").GetString());
    }
}
