using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class KeyStoreOutageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Known_key_works_through_an_outage_and_an_unknown_one_is_told_to_come_back()
    {
        await using var server = await AccessServer.StartAsync(null, "--KeyStore:CacheSeconds=1");
        var (known, unseen) = (server.Client(await server.AddKeyAsync()), server.Client(await server.AddKeyAsync()));
        await (await known.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        server.BreakKeyStore();

        // Longer than the cache keeps a key on its own.
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2.5))
            await (await known.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        for (var i = 0; i < 3; i++)
        {
            var response = await unseen.GetAsync("/measurements", Cancellation);
            await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
            Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        }

        await (await server.Client("garbage").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        var health = await server.Client().GetFromJsonAsync<JsonElement>("/health", Cancellation);
        Assert.Equal("degraded", health.GetProperty("checks").GetProperty("keyStore").GetProperty("status").GetString());
        Assert.Single(server.LogLines, line => line.Contains("The key store does not answer; keys used lately", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outage_ends_for_a_known_key_when_its_time_is_over()
    {
        await using var server = await AccessServer.StartAsync(null, "--KeyStore:CacheSeconds=1", "--KeyStore:OutageSeconds=1");
        var client = server.Client(await server.AddKeyAsync());
        await (await client.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        server.BreakKeyStore();
        var began = TimeProvider.System.GetTimestamp();
        HttpResponseMessage response;
        do
        {
            response = await client.GetAsync("/measurements", Cancellation);
        }
        while (response.StatusCode == HttpStatusCode.OK && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
        await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(1.5));
    }
}
