using System.Net;
using System.Text.Json.Nodes;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Writes;

/// <summary>The addresses that clients of InfluxDB write to, held to what InfluxDB answers.</summary>
public sealed class InfluxWriteTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v2/write?org=o&bucket=default&precision=ns", "1764000000123456789", "2025-11-24T16:00:00.123456789Z")]
    [InlineData("/api/v2/write?org=o&bucket=default", "1764000000123456789", "2025-11-24T16:00:00.123456789Z")]
    [InlineData("/api/v2/write?bucket=default&precision=us", "1764000000123456", "2025-11-24T16:00:00.123456Z")]
    [InlineData("/api/v2/write?orgID=1&precision=ms", "1764000000123", "2025-11-24T16:00:00.123Z")]
    [InlineData("/api/v2/write?bucket=default&precision=s&whatever=1", "1764000000", "2025-11-24T16:00:00Z")]
    [InlineData("/write?db=default", "1764000000123456789", "2025-11-24T16:00:00.123456789Z")]
    [InlineData("/write?db=default&rp=autogen&consistency=all&precision=n", "1764000000123456789", "2025-11-24T16:00:00.123456789Z")]
    [InlineData("/write?db=default&precision=u", "1764000000123456", "2025-11-24T16:00:00.123456Z")]
    [InlineData("/write?db=default&precision=%C2%B5", "1764000000123456", "2025-11-24T16:00:00.123456Z")]
    [InlineData("/write?db=default&precision=ms", "1764000000123", "2025-11-24T16:00:00.123Z")]
    [InlineData("/write?precision=s", "1764000000", "2025-11-24T16:00:00Z")]
    [InlineData("/write?db=default&precision=m", "29400000", "2025-11-24T16:00:00Z")]
    [InlineData("/write?db=default&precision=h", "490000", "2025-11-24T16:00:00Z")]
    public async Task Points_are_stored_with_the_time_that_the_precision_makes_of_them(string address, string written, string time)
    {
        var device = "d" + Guid.NewGuid().ToString("N");
        using var response = await _server.WriteAsync(address, $"m,device={device},k=v x=1i,y=\"z\" {written}\n");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        var item = Assert.Single(await ReadAsync(device));
        Assert.Equal(time, (string?)item!["timestamp"]);
        Assert.Equal("""{"x":1,"y":"z"}""", item["fields"]!.ToJsonString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    [InlineData("application/json; charset=latin1")]
    public async Task Any_content_type_is_line_protocol(string? contentType)
    {
        foreach (var address in new[] { InfluxWrites.Version1, InfluxWrites.Version2 })
        {
            using var response = await _server.WriteAsync(address, "m,device=typed x=1", contentType: contentType);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n# nothing\n\n")]
    public async Task A_body_without_points_is_stored(string body)
    {
        Assert.Equal(HttpStatusCode.NoContent, (await _server.WriteAsync(InfluxWrites.Version1, body)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _server.WriteAsync(InfluxWrites.Version2, body)).StatusCode);
    }

    [Fact]
    public async Task Good_points_are_stored_when_others_are_bad_and_the_first_bad_line_is_told()
    {
        using var second = await _server.WriteAsync(InfluxWrites.Version2, "# c\nm,device=half x=1 1764000000000000000\nbroken\nm x=2\n");
        using var first = await _server.WriteAsync(InfluxWrites.Version1, "m,device=half x=1 1764000000000000001\nm,device=half x=\"text\" 1764000000000000002\nbroken\n");

        var error = await second.ShouldFailAs2Async(HttpStatusCode.UnprocessableEntity, "unprocessable entity");
        Assert.Equal(3, (int)error["line"]!);
        Assert.StartsWith("partial write: line 3:", (string?)error["message"], StringComparison.Ordinal);
        Assert.EndsWith("dropped=2", (string?)error["message"], StringComparison.Ordinal);
        var message = await first.ShouldFailAs1Async(HttpStatusCode.BadRequest);
        Assert.StartsWith("partial write: line 2: field type conflict: 'fields.x'", message, StringComparison.Ordinal);
        Assert.EndsWith("dropped=2", message, StringComparison.Ordinal);
        Assert.Equal(2, (await ReadAsync("half")).Count);
    }

    [Fact]
    public async Task A_write_without_a_good_point_is_a_bad_request()
    {
        using var second = await _server.WriteAsync(InfluxWrites.Version2, "broken");
        using var first = await _server.WriteAsync(InfluxWrites.Version1, "broken\nworse");
        using var conflict = await _server.WriteAsync(InfluxWrites.Version1, "m x=1");

        Assert.Equal(1, (int)(await second.ShouldFailAs2Async(HttpStatusCode.BadRequest, "invalid"))["line"]!);
        Assert.StartsWith("unable to parse line 1:", await first.ShouldFailAs1Async(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Matches("^partial write: line 1: 'device': .* dropped=1$", await conflict.ShouldFailAs1Async(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Unknown_buckets_are_not_found()
    {
        foreach (var bucket in new[] { "nowhere", "my_db%2Fautogen", "_internal", "%00" })
        {
            using var second = await _server.WriteAsync($"/api/v2/write?bucket={bucket}", "m,device=d x=1");
            using var first = await _server.WriteAsync($"/write?db={bucket}", "m,device=d x=1");
            if (bucket == "my_db%2Fautogen")
                Assert.Contains("my_db/autogen", (string?)(await second.ShouldFailAs2Async(HttpStatusCode.NotFound, "not found"))["message"], StringComparison.Ordinal);
            else
                await second.ShouldFailAs2Async(HttpStatusCode.NotFound, "not found");
            Assert.StartsWith("database not found", await first.ShouldFailAs1Async(HttpStatusCode.NotFound), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/v2/write?precision=m")]
    [InlineData("/api/v2/write?precision=s&precision=s")]
    [InlineData("/write?precision=d")]
    public async Task A_precision_that_is_none_is_told(string address)
    {
        using var response = await _server.WriteAsync(address, "m,device=d x=1");
        if (address.StartsWith("/api", StringComparison.Ordinal))
            await response.ShouldFailAs2Async(HttpStatusCode.BadRequest, "invalid");
        else
            await response.ShouldFailAs1Async(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_key_is_the_token_or_the_password_of_basic()
    {
        var key = await _server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
        foreach (var authorization in new[] { "Token " + key, "Bearer " + key, InfluxWrites.Basic("any", key), InfluxWrites.Basic("", key) })
        {
            foreach (var address in new[] { InfluxWrites.Version1, InfluxWrites.Version2 })
                Assert.Equal(HttpStatusCode.NoContent, (await _server.WriteAsync(address, "m,device=d x=1", authorization)).StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Basic YWRtaW4=")]
    [InlineData("Token hunter2")]
    public async Task Without_a_valid_key_nothing_is_written(string authorization)
    {
        using var second = await _server.WriteAsync(InfluxWrites.Version2, "m,device=d x=1", authorization);
        using var first = await _server.WriteAsync(InfluxWrites.Version1, "m,device=d x=1", authorization);

        await second.ShouldFailAs2Async(HttpStatusCode.Unauthorized, "unauthorized");
        await first.ShouldFailAs1Async(HttpStatusCode.Unauthorized);
        Assert.Equal("Token", second.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("Basic", first.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Basic_is_no_way_in_elsewhere()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/measurements");
        request.Headers.TryAddWithoutValidation("Authorization", InfluxWrites.Basic("any", _server.AdminKey));
        await (await _server.Client().SendAsync(request, Cancel)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Theory]
    [InlineData("/write?db=default&u=any&p=hunter2")]
    [InlineData("/write/?P=hunter2")]
    [InlineData("/query?q=SHOW+DATABASES&u=any&p=hunter2")]
    [InlineData("/ping?verbose=true&u=any&p=hunter2")]
    [InlineData("/write?token=hunter2")]
    public async Task A_key_in_the_address_is_refused_and_not_repeated(string address)
    {
        using var response = await _server.WriteAsync(address, "m,device=d x=1");
        Assert.DoesNotContain("hunter2", await response.ShouldFailAs1Async(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.DoesNotContain(_server.LogLines, line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_key_may_not_is_forbidden()
    {
        var reader = "Token " + await _server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead });
        var other = "Token " + await _server.AddKeyAsync(key => key with { Devices = [DevicePattern.Parse("mine")] });
        foreach (var authorization in new[] { reader, other })
        {
            await (await _server.WriteAsync(InfluxWrites.Version2, "m,device=d x=1", authorization)).ShouldFailAs2Async(HttpStatusCode.Forbidden, "forbidden");
            await (await _server.WriteAsync(InfluxWrites.Version1, "m,device=d x=1", authorization)).ShouldFailAs1Async(HttpStatusCode.Forbidden);
        }

        await (await _server.WriteAsync(InfluxWrites.Version2, "m,device=d x=1\nm,device=mine x=1", other)).ShouldFailAs2Async(HttpStatusCode.UnprocessableEntity, "unprocessable entity");
    }

    [Fact]
    public async Task Other_methods_and_addresses_are_refused_in_their_shape()
    {
        var client = _server.Client(_server.AdminKey);

        await (await client.GetAsync(InfluxWrites.Version2, Cancel)).ShouldFailAs2Async(HttpStatusCode.MethodNotAllowed, "method not allowed");
        await (await client.GetAsync(InfluxWrites.Version1, Cancel)).ShouldFailAs1Async(HttpStatusCode.MethodNotAllowed);
        await (await client.PostAsync("/api/v2/query?org=o", null, Cancel)).ShouldFailAs2Async(HttpStatusCode.NotFound, "not found");
        await (await client.PostAsync("/query?q=CREATE+DATABASE+x", null, Cancel)).ShouldFailAs1Async(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ping_is_answered_to_everybody()
    {
        using var get = await _server.Client().GetAsync("/ping", Cancel);
        using var head = await _server.Client().SendAsync(new HttpRequestMessage(HttpMethod.Head, "/ping"), Cancel);
        using var verbose = await _server.Client().GetAsync("/ping?verbose=true", Cancel);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.OK), (get.StatusCode, head.StatusCode, verbose.StatusCode));
        var version = get.Headers.GetValues("X-Influxdb-Version").Single();
        Assert.Equal(version, head.Headers.GetValues("X-Influxdb-Version").Single());
        Assert.Equal("IotBackend", get.Headers.GetValues("X-Influxdb-Build").Single());
        Assert.Equal(version, (string?)JsonNode.Parse(await verbose.Content.ReadAsStringAsync(Cancel))!["version"]);
    }

    private async Task<JsonArray> ReadAsync(string device)
    {
        var text = await _server.Client(_server.AdminKey).GetStringAsync($"/measurements?from=2025-01-01T00:00:00Z&device={device}", Cancel);
        return JsonNode.Parse(text)!["items"]!.AsArray();
    }
}
