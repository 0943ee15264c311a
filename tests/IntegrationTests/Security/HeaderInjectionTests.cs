using System.Net;
using System.Net.Http.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>What a request says reaches neither the headers of an answer nor the lines of the log in a form that changes their meaning.</summary>
public sealed class HeaderInjectionTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a\r\nX-Injected: yes")]
    [InlineData("a\nX-Injected: yes")]
    [InlineData("a\rX-Injected: yes")]
    [InlineData("a\u0000b")]
    [InlineData("a\u2028b")]
    [InlineData("\u202Etxet")]
    [InlineData("ünïcode")]
    [InlineData("a b")]
    [InlineData("a;b")]
    public async Task Request_id_that_is_not_sane_is_not_repeated(string id)
    {
        var said = await SayAsync($"GET /time HTTP/1.1\r\nHost: test\r\nX-Request-ID: {id}\r\nConnection: close\r\n\r\n");
        Assert.All(RawConnection.Statuses(said), status => Assert.InRange(status, 200, 400));

        // One answer, whatever the request made of itself.
        Assert.Single(RawConnection.Statuses(said));
        var head = said.Split("\r\n\r\n")[0];
        Assert.DoesNotContain("X-Injected", head, StringComparison.OrdinalIgnoreCase);

        // A line break ends the header: what stands before it is an id, and what follows is a header of the request.
        var given = head.Split("\r\n").Where(line => line.StartsWith("X-Request-ID: ", StringComparison.Ordinal)).Select(line => line["X-Request-ID: ".Length..]);
        Assert.All(given, made => Assert.True(made.Length == 26 || (made == "a" && id.Contains("X-Injected", StringComparison.Ordinal)), $"'{made}' is repeated."));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80@127.0.0.1")]
    [InlineData("127.0.0.1\tevil.example")]
    [InlineData("[::1")]
    [InlineData("<script>")]
    [InlineData("ünïcode.example")]
    public async Task Host_reaches_no_answer(string host)
    {
        foreach (var path in new[] { "/time", "/nothing-here", "/openapi/v1.json", "/docs/" })
        {
            var said = await SayAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\nConnection: close\r\n\r\n");
            Assert.Single(RawConnection.Statuses(said));
            Assert.DoesNotContain(host, path == "/docs/" && host == "<script>" ? said.Split("\r\n\r\n")[0] : said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET /time HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /measurement HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabcGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /measurement HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /measurement HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /time HTTP/1.1\r\nHost: a\r\n X-Folded: yes\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /time HTTP/1.1\r\nHost : a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /time HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task Second_request_is_not_smuggled_behind_an_ambiguous_first(string text)
    {
        using var connection = await RawConnection.OpenAsync(_server.Url);
        await connection.SendAsync(text);
        connection.HalfClose();
        var said = await connection.ReadToEndAsync();

        // Refused, or its body taken as RFC 9112 says; never answered as two where a proxy would have seen one.
        Assert.DoesNotContain("uptimeSeconds", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_do_not_break_the_lines_of_the_log()
    {
        var admin = _server.Client(_server.AdminKey);
        foreach (var path in new[] { "/nothing%0d%0afail: forged", "/admin/keys/a%0ab", "/admin/buckets/a%0d%0ab", "/admin/blocks/%1b%5b31m" })
            Assert.False((await admin.GetAsync(path, Cancellation)).IsSuccessStatusCode);
        await admin.PostAsJsonAsync("/admin/keys", new { name = "a\r\nfail: forged", scopes = new[] { "measurements:read" } }, Cancellation);
        await (await admin.PostAsJsonAsync("/admin/blocks", new { kind = "address", value = "192.0.2.1", reason = "a\nfail: forged" }, Cancellation))
            .ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.DoesNotContain(_server.LogLines, line => line.Split('\n', '\r').Skip(1).Any(rest => rest.StartsWith("fail: forged", StringComparison.Ordinal)));
        Assert.DoesNotContain(_server.LogLines, line => line.Contains('\u001b'));
    }

    private async Task<string> SayAsync(string request)
    {
        using var connection = await RawConnection.OpenAsync(_server.Url);
        await connection.SendAsync(request);
        return await connection.ReadToEndAsync();
    }
}
