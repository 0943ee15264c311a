using System.Net;
using System.Net.Sockets;
using System.Text;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class AuthenticationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Closed = "/measurements/latest";

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_without_a_key_is_told_how_to_present_one()
    {
        var response = await _server.Client().GetAsync(Closed, Cancellation);
        await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
        Assert.Contains(response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
        Assert.Contains(response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "ApiKey");
    }

    [Theory]
    [InlineData("X-API-Key", "")]
    [InlineData("x-api-key", "")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "bearer ")]
    [InlineData("Authorization", "Token ")]
    [InlineData("Authorization", "Bearer   ")]
    public async Task Key_is_taken_from_each_of_its_headers(string header, string prefix)
    {
        var response = await Send((header, prefix + _server.AdminKey));
        await response.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("X-API-Key", "")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Basic YTpi")]
    [InlineData("Authorization", "")]
    public async Task Header_without_a_key_is_as_none(string header, string value) =>
        await (await Send((header, value))).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");

    [Fact]
    public async Task Same_key_in_two_headers_is_one_key()
    {
        var response = await Send(("X-API-Key", _server.AdminKey), ("Authorization", "Bearer " + _server.AdminKey));
        await response.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Different_keys_in_two_headers_are_refused_even_when_both_are_right()
    {
        var response = await Send(("X-API-Key", _server.AdminKey), ("Authorization", "Bearer " + await _server.AddKeyAsync()));
        await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    [Fact]
    public async Task Malformed_and_unknown_and_revoked_and_expired_keys_can_not_be_told_apart()
    {
        var now = TimeProvider.System.GetUtcNow();
        string[] keys =
        [
            "garbage",
            AccessServer.NewToken(),
            await _server.AddKeyAsync(key => key with { RevokedAt = now }),
            await _server.AddKeyAsync(key => key with { ExpiresAt = now }),
            await _server.AddKeyAsync(key => key with { SecretHash = new byte[ApiKeyToken.HashLength] }),
        ];
        var answers = new HashSet<string>();
        foreach (var key in keys)
        {
            var response = await _server.Client(key).GetAsync(Closed, Cancellation);
            var error = await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
            var headers = response.Headers.Where(header => header.Key is not ("Date" or "X-Request-ID")).Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
            answers.Add(string.Join('\n', [error.Message, (error.Details is not null).ToString(), .. headers]));
        }

        Assert.Single(answers);
    }

    [Theory]
    [InlineData("127.0.0.0/8", HttpStatusCode.OK)]
    [InlineData("192.0.2.0/24", HttpStatusCode.Forbidden)]
    public async Task Key_works_from_its_networks_only(string network, HttpStatusCode expected)
    {
        var client = await _server.ClientForAsync(key => key with { Networks = [IPNetwork.Parse(network)] });
        var response = await client.GetAsync(Closed, Cancellation);
        if (expected == HttpStatusCode.OK)
            await response.ShouldBeAsync(expected);
        else
            await response.ShouldFailAsync(expected, "network_not_allowed");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/version")]
    [InlineData("/time")]
    [InlineData("/openapi/v1.json")]
    public async Task Public_endpoint_asks_for_no_key_and_minds_no_wrong_one(string path)
    {
        await (await _server.Client().GetAsync(path, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await _server.Client("garbage").GetAsync(path, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public void Every_endpoint_either_demands_a_key_or_says_that_it_is_public()
    {
        var endpoints = _server.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.NotEmpty(endpoints);
        Assert.DoesNotContain(
            endpoints, endpoint => endpoint.Metadata.GetMetadata<IAuthorizeData>() is null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null);
    }

    // Sends no byte of the body that it announces: who has no key gets his answer without one.
    [Theory]
    [InlineData("")]
    [InlineData("X-API-Key: garbage\r\n")]
    public async Task Refusal_does_not_wait_for_the_body(string header)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_server.Url.Host, _server.Url.Port, Cancellation);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /measurements HTTP/1.1\r\nHost: x\r\n{header}Content-Type: application/json\r\nContent-Length: 8000000\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.StartsWith("HTTP/1.1 401", status, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> Send(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Closed);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await _server.Client().SendAsync(request, Cancellation);
    }
}
