using System.Net;
using System.Text;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

/// <summary>Requests about keys, as an administrator's client sends them.</summary>
internal static class KeyRequests
{
    public const string Path = "/admin/keys";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="key">An id, or a key as its holder presents it.</param>
    public static string AddressOf(string key) => $"{Path}/{IdOf(key)}";

    public static string IdOf(string key) => key.StartsWith("iot_", StringComparison.Ordinal) ? key[4..16] : key;

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    /// <summary>Makes a key, and fails the test when it is refused.</summary>
    public static async Task<MadeKey> CreateKeyAsync(this HttpClient client, string body)
    {
        using var response = await client.PostAsync(Path, Json(body), Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.Created);
        return new MadeKey(await response.ReadAsync(), response.Headers.ETag!.ToString());
    }

    /// <summary>Makes a key with all scopes but <c>admin</c>, and whatever else the members say.</summary>
    public static async Task<string> CreateTokenAsync(this HttpClient client, string members = "") => (await client.CreateKeyAsync(
        $$"""{"name":"test","tier":"unlimited","scopes":["measurements:read","measurements:write","measurements:delete","cache:manage","metrics:read"]{{members}}}""")).Token;

    public static Task<HttpResponseMessage> SendAsync(
        this HttpClient client, HttpMethod method, string address, string? body = null, string? ifMatch = null, string? ifNoneMatch = null)
    {
        var request = new HttpRequestMessage(method, address) { Content = body is null ? null : Json(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return client.SendAsync(request, Cancelled);
    }

    public static Task<HttpResponseMessage> ChangeKeyAsync(this HttpClient client, string key, string body, string? ifMatch = null) =>
        client.SendAsync(HttpMethod.Patch, AddressOf(key), body, ifMatch);

    public static Task<HttpResponseMessage> RotateKeyAsync(this HttpClient client, string key, string? body = null, string? ifMatch = null) =>
        client.SendAsync(HttpMethod.Post, AddressOf(key) + "/rotate", body, ifMatch);

    public static Task<HttpResponseMessage> RevokeKeyAsync(this HttpClient client, string key, string? ifMatch = null) =>
        client.SendAsync(HttpMethod.Delete, AddressOf(key), ifMatch: ifMatch);

    /// <summary>The key as it is read, and fails the test when it is refused.</summary>
    public static async Task<JsonElement> ReadKeyAsync(this HttpClient client, string key)
    {
        using var response = await client.GetAsync(AddressOf(key), Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.ReadAsync();
    }

    /// <summary>A page of the list: ids in its order, and the cursor of the next.</summary>
    public static async Task<(IReadOnlyList<string> Ids, string? Next)> ListKeysAsync(this HttpClient client, string query = "")
    {
        using var response = await client.GetAsync(Path + query, Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        var page = await response.ReadAsync();
        var next = page.TryGetProperty("nextCursor", out var cursor) ? cursor.GetString() : null;
        Assert.Equal(next is not null, page.GetProperty("hasMore").GetBoolean());
        return ([.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)], next);
    }

    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled));
        return json.RootElement.Clone();
    }

    public static IEnumerable<string> Texts(this JsonElement key, string member) => key.GetProperty(member).EnumerateArray().Select(item => item.GetString()!);
}

/// <summary>A key as the answer to its creation tells it.</summary>
internal sealed record MadeKey(JsonElement Body, string ETag)
{
    public string Token => Body.GetProperty("key").GetString()!;

    public string Id => Body.GetProperty("id").GetString()!;
}
