using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>Networks as people write them, by mistake or on purpose, wherever the API takes them.</summary>
public sealed class NetworkEdgeTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10.0.0.0/0")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("0.0.0.0/1")]
    [InlineData("2000::/3")]
    [InlineData("2001:db8::/31")]
    [InlineData("12.0.0.0/7")]
    [InlineData("10.0.0.1/8")]
    [InlineData("2001:db8::1/64")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("::ffff:0:0/96")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-8")]
    [InlineData("10.0.0.0/8 ")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10/8")]
    [InlineData("1")]
    [InlineData("fe80::1%lo")]
    [InlineData("192.0.2.7:80")]
    [InlineData("")]
    public async Task Block_takes_no_network_that_is_too_wide_or_ambiguous(string value)
    {
        var response = await PostAsync("/admin/blocks", new { kind = "address", value, reason = "because" });
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains(error.Faults, fault => fault.Field == "value");
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("2001:0db8:0:0::0001", "2001:db8::1")]
    [InlineData("198.51.100.8/32", "198.51.100.8")]
    public async Task Block_is_kept_in_one_spelling(string value, string kept)
    {
        var response = await PostAsync("/admin/blocks", new { kind = "address", value, reason = "because" });
        await response.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(kept, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).Text("value"));
        await (await PostAsync("/admin/blocks", new { kind = "address", value = kept, reason = "because" })).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
    }

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("10/8")]
    [InlineData("localhost")]
    public async Task Key_takes_no_network_that_would_not_mean_what_it_says(string network) =>
        (await (await PostAsync("/admin/keys", new { name = "n", scopes = new[] { "measurements:read" }, networks = new[] { network } })).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request"))
            .ShouldTell("networks[0]", "invalid_network");

    private Task<HttpResponseMessage> PostAsync(string path, object body) => _server.Client(_server.AdminKey).PostAsJsonAsync(path, body, Cancellation);
}
