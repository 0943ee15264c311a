using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API8:2023, security misconfiguration: headers, CORS, methods, and errors without internals, on every operation.</summary>
public sealed class Api8MisconfigurationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private static readonly Dictionary<string, string> SecurityHeaders = new()
    {
        ["X-Content-Type-Options"] = "nosniff",
        ["Referrer-Policy"] = "no-referrer",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
        ["X-Frame-Options"] = "DENY",
        ["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'",
    };

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_carries_the_security_headers_and_tells_nothing_of_the_server()
    {
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => !operation.IsStream))
        {
            foreach (var client in new[] { _server.Client(), _server.Client("hunter2"), _server.Client(_server.AdminKey) })
            {
                using var response = await client.SendAsync(operation.ToRequest(), Cancellation);
                foreach (var (name, value) in SecurityHeaders)
                    Assert.Equal((operation.ToString(), value), (operation.ToString(), string.Join("|", response.Headers.GetValues(name))));
                Assert.Single(response.Headers.GetValues("X-Request-ID"));
                Assert.DoesNotContain(response.Headers, header => header.Key is "Server" or "X-Powered-By" or "X-AspNet-Version" || header.Key.StartsWith("Access-Control-", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task What_only_some_may_see_is_kept_by_no_shared_cache()
    {
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.IsAdministrative))
        {
            using var response = await _server.Client(_server.AdminKey).SendAsync(operation.ToRequest(), Cancellation);
            Assert.True(response.Headers.CacheControl?.NoStore == true || response.Headers.CacheControl?.Private == true, $"{operation} may be cached.");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("?limit=x&cursor=x&from=x&device=%00&q=%00&window=x")]
    [InlineData("?%00=%FF&%F0%9F=%")]
    [InlineData("?limit='%20OR%201=1--&device=';DROP%20TABLE%20measurements;--&q=%25'")]
    public async Task Errors_tell_no_internals(string query)
    {
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => !operation.IsStream))
        {
            foreach (var json in new[] { null, "{", "null", "[1,\"\\ud800\"]", "{\"name\":\"\\u0000\",\"value\":1e999,\"device\":{}}" })
            {
                using var request = operation.ToRequest(query, json);
                using var response = await _server.Client(_server.AdminKey).SendAsync(request, Cancellation);
                var body = await response.Content.ReadAsStringAsync(Cancellation);
                Assert.True((int)response.StatusCode < 500, $"{operation}{query} {json}: {body}");
                if (!response.IsSuccessStatusCode && operation.Method != HttpMethod.Head)
                    response.ReadError(body);
            }
        }
    }

    [Fact]
    public async Task Methods_that_an_address_does_not_have_are_refused()
    {
        var all = await ApiOperation.AllAsync(_server);
        foreach (var address in all.Select(operation => operation.Address).Distinct())
        {
            foreach (var method in new[] { "TRACE", "CONNECT-ISH", "PROPFIND", "OPTIONS" })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), address);
                var response = await _server.Client(_server.AdminKey).SendAsync(request, Cancellation);
                await response.ShouldFailAsync(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
                Assert.NotEmpty(response.Content.Headers.Allow);
            }
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1")]
    public async Task Browsers_of_other_origins_are_closed_out(string origin)
    {
        foreach (var operation in await ApiOperation.AllAsync(_server))
        {
            foreach (var method in new[] { operation.Method, HttpMethod.Options })
            {
                using var request = new HttpRequestMessage(method, operation.Address);
                request.Headers.TryAddWithoutValidation("Origin", origin);
                request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", operation.Method.Method);
                using var response = await _server.Client().SendAsync(request, Cancellation);
                Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-Allow", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("/admin")]
    [InlineData("/appsettings.json")]
    [InlineData("/data/admin.key")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/.git/config")]
    [InlineData("/metrics/../admin.key")]
    [InlineData("/swagger/index.html")]
    [InlineData("/actuator/env")]
    public async Task Nothing_lies_around(string path)
    {
        var response = await _server.Client(_server.AdminKey).GetAsync(new Uri(_server.Url.GetLeftPart(UriPartial.Authority) + path), Cancellation);
        await response.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }
}
