using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>The tests come from 127.0.0.1; a key that works from one address only tells which one the server believes in.</summary>
public sealed class ForwardedAddressTests(BehindProxiesFixture fixture) : IClassFixture<BehindProxiesFixture>
{
    private const string Closed = "/measurements/latest";

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What the header holds, and the address that the request then comes from.</summary>
    public static TheoryData<string, string> Chains => new()
    {
        { "203.0.113.7", "203.0.113.7" },
        { "203.0.113.7:4711", "203.0.113.7" },
        { "2001:db8::7", "2001:db8::7" },
        { "[2001:db8::7]:4711", "2001:db8::7" },
        { "::ffff:203.0.113.7", "203.0.113.7" },

        // What the client wrote itself stands leftmost.
        { "198.51.100.1, 203.0.113.7", "203.0.113.7" },
        { "127.0.0.1, 203.0.113.7", "203.0.113.7" },
        { "10.0.0.1, 203.0.113.7", "203.0.113.7" },

        // Through several proxies.
        { "198.51.100.1, 203.0.113.7, 10.0.0.1", "203.0.113.7" },
        { "198.51.100.1, 203.0.113.7, 10.1.2.3, 2001:db8:ffff::1, 10.0.0.1", "203.0.113.7" },
        { "203.0.113.7, ::ffff:10.0.0.1", "203.0.113.7" },
        { "10.0.0.2, 10.0.0.1", "10.0.0.2" },

        // The last address that can be believed.
        { "garbage", "127.0.0.1" },
        { "unknown", "127.0.0.1" },
        { "203.0.113.7, garbage", "127.0.0.1" },
        { "203.0.113.7, garbage, 10.0.0.1", "10.0.0.1" },
        { "203.0.113.777", "127.0.0.1" },
        { "203.0.113.7:99999", "127.0.0.1" },
        { "[2001:db8::7", "127.0.0.1" },
        { "<script>", "127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public Task Address_is_the_last_one_that_no_trusted_proxy_has(string header, string expected) =>
        AssertComesFromAsync(_server, expected, ("X-Forwarded-For", header));

    [Fact]
    public async Task Peer_on_a_socket_for_both_families_is_recognised()
    {
        await using var server = await AccessServer.StartAsync(null, BehindProxiesFixture.Trusted, "--Urls=http://[::]:0");
        var address = new Uri($"http://127.0.0.1:{server.Url.Port}");
        var key = await server.AddKeyAsync(key => key with { Networks = [IPNetwork.Parse("203.0.113.7/32")] });
        using var client = new HttpClient { BaseAddress = address };
        await (await SendAsync(client, Closed, ("X-API-Key", key), ("X-Forwarded-For", "203.0.113.7"))).ShouldBeAsync(HttpStatusCode.OK);
        await (await SendAsync(client, Closed, ("X-API-Key", key))).ShouldFailAsync(HttpStatusCode.Forbidden, "network_not_allowed");
    }

    [Fact]
    public async Task Without_trusted_proxies_nobody_is_believed()
    {
        await using var server = await AccessServer.StartAsync();
        await AssertComesFromAsync(server, "127.0.0.1", ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"));
    }

    [Fact]
    public async Task Who_is_no_trusted_proxy_is_not_believed()
    {
        await using var server = await AccessServer.StartAsync(null, "--Proxies:Trusted=10.0.0.0/8");
        await AssertComesFromAsync(server, "127.0.0.1", ("X-Forwarded-For", "203.0.113.7"));
        var response = await SendAsync(server.Client(), "/health/live", ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public Task Other_headers_of_the_kind_are_not_believed() =>
        AssertComesFromAsync(_server, "127.0.0.1", ("Forwarded", "for=203.0.113.7"), ("X-Real-IP", "203.0.113.7"), ("X-Client-IP", "203.0.113.7"));

    [Fact]
    public async Task Https_at_a_trusted_proxy_counts_as_https()
    {
        var secure = await SendAsync(_server.Client(), "/health/live", ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"));
        Assert.True(secure.Headers.Contains("Strict-Transport-Security"));
        var plain = await SendAsync(_server.Client(), "/health/live", ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "http"));
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));
        var garbage = await SendAsync(_server.Client(), "/health/live", ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "h<tt>ps"));
        await garbage.ShouldBeAsync(HttpStatusCode.OK);
        Assert.False(garbage.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Garbage_of_any_length_is_answered()
    {
        foreach (var garbage in new[] { ",", ",,,,", string.Concat(Enumerable.Repeat("10.0.0.1,", 3_000)), new string('9', 20_000), new string(',', 20_000), "\"", "[", "]:", ":::", "%", "0x7f.1" })
            await (await SendAsync(_server.Client(), "/health/live", ("X-Forwarded-For", garbage))).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("--Proxies:Trusted=garbage", "Proxies:Trusted")]
    [InlineData("--Proxies:Trusted=10.0.0.1/8", "Proxies:Trusted")]
    [InlineData("--Proxies:Trusted=10.0.0.0/33", "Proxies:Trusted")]
    [InlineData("--Proxies:Trust=10.0.0.0/8", "Proxies:Trust")]
    public async Task Setting_that_names_no_network_stops_the_start(string setting, string named)
    {
        using var folder = new TemporaryFolder();
        var pair = setting[2..].Split('=');
        using var process = ServerProcess.Start(folder.Combine("data"), new() { Settings = new Dictionary<string, string> { [pair[0]] = pair[1] } });
        Assert.NotEqual(0, await process.WaitForExitAsync());
        Assert.StartsWith($"Configuration: {named}", Assert.Single(process.Output.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switch_of_the_framework_that_would_believe_everybody_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true" };
        using var process = ServerProcess.Start(folder.Combine("data"), new() { Environment = environment });
        Assert.NotEqual(0, await process.WaitForExitAsync());
        Assert.Contains("Proxies:Trusted", Assert.Single(process.Output.Lines), StringComparison.Ordinal);
    }

    private static async Task AssertComesFromAsync(AccessServer server, string expected, params (string Name, string Value)[] headers)
    {
        var address = IPAddress.Parse(expected);
        var only = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        var client = await server.ClientForAsync(key => key with { Networks = [only] });
        await (await SendAsync(client, Closed, headers)).ShouldBeAsync(HttpStatusCode.OK);
        var elsewhere = await server.ClientForAsync(key => key with { Networks = [IPNetwork.Parse("192.0.2.99/32")] });
        await (await SendAsync(elsewhere, Closed, headers)).ShouldFailAsync(HttpStatusCode.Forbidden, "network_not_allowed");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await client.SendAsync(request, Cancellation);
    }
}
