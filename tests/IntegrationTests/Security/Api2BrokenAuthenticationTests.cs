using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API2:2023, broken authentication.</summary>
public sealed class Api2BrokenAuthenticationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_but_the_public_ones_takes_a_key()
    {
        var all = await ApiOperation.AllAsync(_server);
        Assert.Equal(
            ["/health", "/health/live", "/health/ready", "/time", "/version"],
            all.Where(operation => !operation.NeedsKey).Select(operation => operation.Path).Order(StringComparer.Ordinal));
        foreach (var operation in all.Where(operation => operation.NeedsKey))
        {
            var none = await _server.Client().SendAsync(operation.ToRequest(), Cancellation);
            await none.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
            Assert.NotEmpty(none.Headers.WwwAuthenticate);
            await (await _server.Client(AccessServer.NewToken()).SendAsync(operation.ToRequest(), Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        }
    }

    [Fact]
    public async Task Unknown_wrong_expired_and_revoked_keys_are_told_in_the_same_words()
    {
        var active = await _server.AddKeyAsync();
        var keys = new[]
        {
            "hunter2",
            AccessServer.NewToken(),
            AccessServer.WithOtherSecret(active),
            await _server.AddKeyAsync(key => key with { RevokedAt = key.CreatedAt }),
            await _server.AddKeyAsync(key => key with { ExpiresAt = key.CreatedAt }),
            active + "x",
            active[..^1],
            active.ToLowerInvariant(),
        };
        var told = new List<string>();
        foreach (var key in keys)
        {
            var response = await _server.Client(key).GetAsync("/measurements", Cancellation);
            var error = await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
            told.Add($"{error.Message} {error.Details} {string.Join(", ", response.Headers.Select(header => header.Key).Order(StringComparer.Ordinal))}");
        }

        Assert.Single(told.Distinct());
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Digest")]
    [InlineData("Negotiate")]
    [InlineData("")]
    public async Task Other_schemes_do_not_carry_a_key(string scheme)
    {
        var client = _server.Client();
        var value = scheme == "Basic" ? Convert.ToBase64String(Encoding.ASCII.GetBytes("admin:admin")) : _server.AdminKey;
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"{scheme} {value}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/measurements", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Neither_cookie_nor_query_nor_body_nor_other_headers_carry_a_key()
    {
        foreach (var header in new[] { "Cookie", "X-Auth-Token", "X-Api-Token", "Proxy-Authorization", "X-Original-URL", "X-Forwarded-User" })
        {
            var client = _server.Client();
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, header == "Cookie" ? "X-API-Key=" + _server.AdminKey : _server.AdminKey);
            await (await client.GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
        }

        await (await _server.Client().GetAsync("/measurements?api_key=" + _server.AdminKey, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "credentials_in_url");
        using var form = new FormUrlEncodedContent([new("X-API-Key", _server.AdminKey)]);
        await (await _server.Client().PostAsync("/measurement", form, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task No_method_override_leads_past_authentication()
    {
        var client = _server.Client();
        client.DefaultRequestHeaders.Add("X-HTTP-Method-Override", "GET");
        await (await client.PostAsync("/measurement?_method=GET", null, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task Guessing_ends_in_a_block()
    {
        await using var server = await AccessServer.StartAsync(null, "--Blocks:NeverBlock=");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            var client = server.ClientFrom("127.0.6.6");
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessServer.NewToken());
            statuses.Add((await client.GetAsync("/measurements", Cancellation)).StatusCode);
        }

        Assert.Equal(21, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(19, statuses.Count(status => status == HttpStatusCode.Forbidden));
    }
}
