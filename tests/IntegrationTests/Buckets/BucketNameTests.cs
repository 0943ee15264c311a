using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Names of buckets in addresses, whatever characters they hold.</summary>
public sealed class BucketNameTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a/../b", "a%2F..%2Fb")]
    [InlineData("a//b", "a%2F%2Fb")]
    [InlineData("/", "%2F")]
    [InlineData("a b", "a%20b")]
    [InlineData("ü", "%C3%BC")]
    [InlineData("温度:1", "%E6%B8%A9%E5%BA%A6%3A1")]
    [InlineData("100%", "100%25")]
    [InlineData("x%2Fy", "x%252Fy")]
    [InlineData("v1.0-rc_2", "v1.0-rc_2")]
    public async Task Name_lives_under_its_encoded_form(string name, string encoded)
    {
        using var created = await _client.PutBucketAtAsync($"{BucketRequests.Path}/{encoded}", """{ "description": "named" }""");
        await created.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal($"{BucketRequests.Path}/{encoded}", created.Headers.Location?.OriginalString);

        Assert.Equal(name, (await _client.ReadBucketAsync(name)).GetProperty("name").GetString());
        Assert.Contains(name, (await _client.ListBucketsAsync()).Names);
        var bucket = Uri.EscapeDataString(name);
        using var stored = await _client.PostJsonAsync($"{Posting.One}?bucket={bucket}", """{ "device": "d", "fields": { "v": 1 } }""");
        await stored.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Single(await _client.ReadAllAsync($"bucket={bucket}", cancellationToken: Cancel).ToListAsync(Cancel));
        using var deleted = await _client.DeleteBucketAsync(name, confirm: name);
        Assert.Equal(name, (await deleted.ReadJsonAsync()).GetProperty("name").GetString());
        Assert.DoesNotContain(name, (await _client.ListBucketsAsync()).Names);
    }

    [Fact]
    public async Task Slash_and_its_escaped_escape_are_two_buckets()
    {
        await _client.CreateBucketAsync("p/q", """{ "description": "slash" }""");
        await _client.CreateBucketAsync("p%2Fq", """{ "description": "percent" }""");

        Assert.Equal("slash", (await _client.ReadBucketAsync("p/q")).GetProperty("description").GetString());
        Assert.Equal("percent", (await _client.ReadBucketAsync("p%2Fq")).GetProperty("description").GetString());
    }

    [Fact]
    public async Task Slash_that_was_decoded_on_the_way_is_the_same_name()
    {
        await _client.CreateBucketAsync("r/s", """{ "description": "slash" }""");

        using var read = await _client.GetAsync(BucketRequests.Path + "/r/s", Cancel);

        Assert.Equal("slash", (await read.ReadJsonAsync()).GetProperty("description").GetString());
    }

    [Fact]
    public async Task Name_has_at_most_128_characters()
    {
        await _client.CreateBucketAsync(string.Concat(Enumerable.Repeat("ü", 128)));

        using var refused = await _client.PutBucketAsync(string.Concat(Enumerable.Repeat("ü", 129)));

        await refused.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Theory]
    [InlineData("_monitoring")]
    [InlineData("%5Fmonitoring")]
    [InlineData("%20a")]
    [InlineData("a%20")]
    [InlineData("a%0Ab")]
    [InlineData("a+b")]
    [InlineData("a%22b")]
    [InlineData("%F0%9F%98%80")]
    [InlineData("%FF")]
    [InlineData("a%2Fb%FF")]
    [InlineData("a%2Fb%zz")]
    [InlineData("a%2Fb%2")]
    public async Task What_can_not_name_a_bucket_is_refused_by_every_method(string encoded)
    {
        foreach (var method in new[] { "GET", "PUT", "DELETE" })
        {
            var said = await SayAsync($"{method} {BucketRequests.Path}/{encoded}?x=1 HTTP/1.1");
            Assert.Equal(400, Assert.Single(RawConnection.Statuses(said)));
            Assert.Contains("\"field\":\"name\",\"code\":\"invalid_parameter\"", said, StringComparison.Ordinal);
            Assert.Contains("\"field\":\"x\",\"code\":\"invalid_parameter\"", said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/ADMIN/Buckets/case", 200)]
    [InlineData("http://anywhere/admin/buckets/case", 200)]
    [InlineData("/admin/buckets/Case", 404)]
    [InlineData("/%61dmin/buckets/case", 400)]
    [InlineData("/admin/./buckets/case", 400)]
    public async Task Address_is_taken_as_it_is_written(string target, int status)
    {
        using var _ = await _client.PutBucketAsync("case");

        var said = await SayAsync($"GET {target} HTTP/1.1");

        Assert.Equal(status, Assert.Single(RawConnection.Statuses(said)));
    }

    [Fact]
    public async Task Other_methods_are_told_which_are_taken()
    {
        using var response = await _client.PostJsonAsync(BucketRequests.AddressOf("a/b"), "{}");

        await response.ShouldFailAsync(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["DELETE", "GET", "HEAD", "PUT"], response.Content.Headers.Allow.Order());
    }

    private async Task<string> SayAsync(string requestLine)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        string[] head =
        [
            requestLine, "Host: anywhere", "X-API-Key: " + fixture.Server.AdminKey, "Content-Type: application/json", "Content-Length: 2", "Connection: close",
        ];
        await connection.SendAsync(string.Join("\r\n", head) + "\r\n\r\n{}");
        return await connection.ReadToEndAsync();
    }
}
