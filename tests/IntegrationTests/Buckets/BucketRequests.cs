using System.Net;
using System.Text;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Requests about buckets, with names percent-encoded as a client does it.</summary>
internal static class BucketRequests
{
    public const string Path = "/admin/buckets";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string AddressOf(string name) => $"{Path}/{Uri.EscapeDataString(name)}";

    public static Task<HttpResponseMessage> PutBucketAsync(
        this HttpClient client, string name, string body = "{}", string? ifMatch = null, string? ifNoneMatch = null) =>
        client.PutBucketAtAsync(AddressOf(name), body, ifMatch, ifNoneMatch);

    public static Task<HttpResponseMessage> PutBucketAtAsync(
        this HttpClient client, string address, string body = "{}", string? ifMatch = null, string? ifNoneMatch = null) =>
        client.SendBucketAsync(HttpMethod.Put, address, ifMatch, ifNoneMatch, new StringContent(body, Encoding.UTF8, "application/json"));

    public static Task<HttpResponseMessage> DeleteBucketAsync(
        this HttpClient client, string name, string? confirm = null, string? ifMatch = null, string? ifNoneMatch = null) =>
        client.SendBucketAsync(
            HttpMethod.Delete, AddressOf(name) + (confirm is null ? "" : "?confirm=" + Uri.EscapeDataString(confirm)), ifMatch, ifNoneMatch);

    /// <summary>Creates the bucket, and fails the test when it was there.</summary>
    public static async Task CreateBucketAsync(this HttpClient client, string name, string body = "{}")
    {
        using var response = await client.PutBucketAsync(name, body);
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }

    public static async Task<JsonElement> ReadBucketAsync(this HttpClient client, string name)
    {
        using var response = await client.GetAsync(AddressOf(name), Cancel);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.ReadJsonAsync();
    }

    public static async Task<string> ReadETagAsync(this HttpClient client, string name)
    {
        using var response = await client.GetAsync(AddressOf(name), Cancel);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return response.Headers.ETag!.ToString();
    }

    /// <summary>The names of a page of the list, and the cursor of the next.</summary>
    public static async Task<(IReadOnlyList<string> Names, string? NextCursor)> ListBucketsAsync(this HttpClient client, string query = "")
    {
        using var response = await client.GetAsync(Path + query, Cancel);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        var page = await response.ReadJsonAsync();
        var next = page.TryGetProperty("nextCursor", out var cursor) ? cursor.GetString() : null;
        Assert.Equal(next is not null, page.GetProperty("hasMore").GetBoolean());
        return ([.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)], next);
    }

    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return json.RootElement.Clone();
    }

    private static async Task<HttpResponseMessage> SendBucketAsync(
        this HttpClient client, HttpMethod method, string address, string? ifMatch, string? ifNoneMatch, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await client.SendAsync(request, Cancel);
    }
}
