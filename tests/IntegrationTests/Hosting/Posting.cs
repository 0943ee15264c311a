using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Posting bytes as they are, right or wrong.</summary>
internal static class Posting
{
    public const string One = "/measurement";
    public const string Many = "/measurements";

    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient client, string path, string body) =>
        client.PostBytesAsync(path, Encoding.UTF8.GetBytes(body));

    public static async Task<HttpResponseMessage> PostBytesAsync(
        this HttpClient client, string path, byte[] body, string? mediaType = "application/json", string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        if (mediaType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (encoding is not null)
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return await client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }
}
