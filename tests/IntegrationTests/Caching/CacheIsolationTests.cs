using System.Net;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

/// <summary>Nobody is answered with what another may see, whoever asked first.</summary>
public sealed class CacheIsolationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/measurements?name=telemetry&" + CachingSteps.Closed)]
    [InlineData("/measurements/latest?name=telemetry")]
    public async Task Same_query_of_keys_with_other_devices_has_other_answers(string address)
    {
        var admin = _server.Client(_server.AdminKey);
        await admin.StoreAsync("red-1", 1);
        await admin.StoreAsync("blue-1", 2);
        var (red, blue) = (await _server.LimitedClientAsync("red-*"), await _server.LimitedClientAsync("blue-*"));
        string? tag = null;

        for (var round = 0; round < 3; round++)
        {
            foreach (var (client, own) in new[] { (admin, new[] { "blue-1", "red-1" }), (red, ["red-1"]), (blue, ["blue-1"]) })
            {
                using var response = await client.AskAsync(address);
                Assert.Equal(own, (await DevicesAsync(response)).Where(device => device is "red-1" or "blue-1").Order());

                // Another's tag is no key to his answer.
                using var conditional = await client.AskAsync(address, tag);
                Assert.Equal(HttpStatusCode.OK, conditional.StatusCode);
                tag = response.Headers.ETag!.Tag;
            }
        }
    }

    [Fact]
    public async Task Keys_that_see_the_same_share_their_answers()
    {
        await _server.Client(_server.AdminKey).StoreAsync("green-1", 1);
        var (one, other) = (await _server.LimitedClientAsync("green-*"), await _server.LimitedClientAsync("green-*"));
        using var first = await one.AskAsync($"/measurements?{CachingSteps.Closed}");
        using var second = await other.AskAsync($"/measurements?{CachingSteps.Closed}");

        Assert.Equal("IotBackend; fwd=miss; stored", first.CacheStatus());
        Assert.StartsWith("IotBackend; hit", second.CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_query_without_a_bucket_is_about_the_bucket_of_each_key()
    {
        var admin = _server.Client(_server.AdminKey);
        foreach (var (bucket, value) in new[] { ("x", 1), ("y", 2) })
        {
            await admin.CreateBucketAsync(bucket);
            await admin.StoreAsync("same", value, bucket: bucket);
        }

        foreach (var (bucket, value) in new[] { ("x", 1), ("y", 2), ("x", 1) })
        {
            var client = _server.Client(await _server.AddKeyAsync(key => key with { Buckets = [BucketName.TryParse(bucket, out _)!] }));
            using var response = await client.AskAsync($"/measurements?device=same&{CachingSteps.Closed}");
            Assert.Equal([value], await response.ValuesAsync());
        }
    }

    [Fact]
    public async Task Cached_answer_is_refused_to_who_may_not_read_it()
    {
        await _server.Client(_server.AdminKey).StoreAsync("secret", 1);
        var address = $"/measurements?device=secret&{CachingSteps.Closed}";
        using var cached = await _server.Client(_server.AdminKey).AskAsync(address);
        var writer = _server.Client(await _server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite }));

        await (await (await _server.LimitedClientAsync("other")).AskAsync(address, cached.Headers.ETag!.Tag)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await writer.AskAsync(address, cached.Headers.ETag!.Tag)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        await (await _server.Client().AskAsync(address, "*")).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task Deleted_bucket_is_gone_from_the_cache_too()
    {
        var admin = _server.Client(_server.AdminKey);
        await admin.CreateBucketAsync("gone");
        await admin.StoreAsync("d", 1, bucket: "gone");
        var address = $"/measurements?bucket=gone&device=d&{CachingSteps.Closed}";
        await (await admin.AskAsync(address)).ShouldBeAsync(HttpStatusCode.OK);

        await (await admin.DeleteAsync("/admin/buckets/gone?confirm=gone", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await admin.AskAsync(address)).ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");

        await admin.CreateBucketAsync("gone");
        Assert.Empty(await (await admin.AskAsync(address)).ValuesAsync());
    }

    private static async Task<string[]> DevicesAsync(HttpResponseMessage response)
    {
        await response.ShouldBeAsync(HttpStatusCode.OK);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("device").GetString()!)];
    }
}
