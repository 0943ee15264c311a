using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Writes;

/// <summary>Faults that pass are no 4xx at InfluxDB's addresses, but for the 429 of 2.x, and say when to come back.</summary>
public sealed class InfluxOutageTests
{
    private const string Line = "m,device=d x=1";

    [Fact]
    public async Task A_used_up_limit_is_429_to_version_2_and_503_to_version_1()
    {
        await using var server = await AccessServer.StartAsync(null, "--RateLimits:Tiers:small:Requests=1", "--RateLimits:Tiers:small:WindowSeconds=3600");
        var key = "Token " + await server.AddKeyAsync(key => key with { Tier = "small" });
        Assert.Equal(HttpStatusCode.NoContent, (await server.WriteAsync(InfluxWrites.Version2, Line, key)).StatusCode);

        using var second = await server.WriteAsync(InfluxWrites.Version2, Line, key);
        using var first = await server.WriteAsync(InfluxWrites.Version1, Line, key);

        await second.ShouldFailAs2Async(HttpStatusCode.TooManyRequests, "too many requests");
        await first.ShouldFailAs1Async(HttpStatusCode.ServiceUnavailable);
        foreach (var response in new[] { first, second })
        {
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3600);
            Assert.True(response.Headers.Contains("RateLimit"));
        }
    }

    [Fact]
    public async Task Points_beyond_the_limit_of_new_series_are_no_4xx_that_clients_drop_also_beside_points_that_were_stored()
    {
        await using var server = await AccessServer.StartAsync(null, "--SeriesLimits:NewDevicesPerHour=1");
        var key = "Token " + await server.AddKeyAsync(key => key with { Tier = "standard" });
        foreach (var (path, status) in new[] { ("/api/v2/write", HttpStatusCode.TooManyRequests), ("/write", HttpStatusCode.ServiceUnavailable) })
        {
            foreach (var body in new[] { "m,device=known x=1 1\nm,device=new x=1 1", "m,device=new x=1 1" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path + "?precision=s") { Content = new StringContent(body) };
                request.Headers.TryAddWithoutValidation("Authorization", key);
                using var response = await server.Client().SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(status, response.StatusCode);
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3600);
            }
        }
    }

    [Fact]
    public async Task A_key_that_can_not_be_looked_up_is_unavailable()
    {
        await using var server = await AccessServer.StartAsync();
        var key = "Token " + await server.AddKeyAsync();
        server.BreakKeyStore();

        using var second = await server.WriteAsync(InfluxWrites.Version2, Line, key);
        using var first = await server.WriteAsync(InfluxWrites.Version1, Line, key);

        await second.ShouldFailAs2Async(HttpStatusCode.ServiceUnavailable, "unavailable");
        await first.ShouldFailAs1Async(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task As_many_points_as_are_taken_are_taken_and_one_more_is_too_large()
    {
        await using var server = await AccessServer.StartAsync(null, "--Measurements:Limits:BatchMeasurements=3");
        var lines = new StringBuilder();
        for (var i = 0; i < 3; i++)
            lines.Append("m,device=d x=1 176400000000000000").Append(i).Append('\n');

        foreach (var address in new[] { InfluxWrites.Version1, InfluxWrites.Version2 })
            Assert.Equal(HttpStatusCode.NoContent, (await server.WriteAsync(address, lines.ToString())).StatusCode);
        await (await server.WriteAsync(InfluxWrites.Version2, lines + Line)).ShouldFailAs2Async(HttpStatusCode.RequestEntityTooLarge, "request too large");
        await (await server.WriteAsync(InfluxWrites.Version1, lines + Line)).ShouldFailAs1Async(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_encoding_says_is_a_bad_request()
    {
        await using var server = await AccessServer.StartAsync();
        var client = server.Client(server.AdminKey);

        using var broken = await client.PostBytesAsync(InfluxWrites.Version2, Encoding.UTF8.GetBytes(Line), "text/plain", "gzip");
        using var unknown = await client.PostBytesAsync(InfluxWrites.Version1, Encoding.UTF8.GetBytes(Line), "text/plain", "zstd");

        await broken.ShouldFailAs2Async(HttpStatusCode.BadRequest, "invalid");
        await unknown.ShouldFailAs1Async(HttpStatusCode.UnsupportedMediaType);
    }
}
