using System.Net;
using System.Text.Json;
using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

/// <summary>What tests of the cache do again and again.</summary>
internal static class CachingSteps
{
    /// <summary>A range that ended long ago.</summary>
    public const string Closed = "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static AnswerCache Cache(this AccessServer server) => server.Services.GetRequiredService<AnswerCache>();

    public static async Task<HttpClient> LimitedClientAsync(this AccessServer server, string device, Scopes scopes = Scopes.Admin) =>
        server.Client(await server.AddKeyAsync(key => key with { Scopes = scopes, Devices = [DevicePattern.Parse(device)] }));

    /// <summary>Stores one value of a device, by default within <see cref="Closed"/>.</summary>
    public static async Task StoreAsync(this HttpClient client, string device, int value, string? timestamp = "2020-01-15T12:00:00Z", string bucket = "default")
    {
        var time = timestamp is null ? string.Empty : $"\"timestamp\": \"{timestamp}\",";
        using var response = await client.PostJsonAsync(
            $"/measurement?bucket={bucket}", $$"""{ "device": "{{device}}", {{time}} "fields": { "value": {{value}} } }""");
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }

    public static Task<HttpResponseMessage> AskAsync(this HttpClient client, string address, string? etag = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, address);
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        return client.SendAsync(request, Cancellation);
    }

    /// <summary>The values of the answer, in its order.</summary>
    public static async Task<IReadOnlyList<int>> ValuesAsync(this HttpResponseMessage response)
    {
        await response.ShouldBeAsync(HttpStatusCode.OK);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("fields").GetProperty("value").GetInt32())];
    }

    public static string CacheStatus(this HttpResponseMessage response) => response.Headers.GetValues("Cache-Status").Single();
}
