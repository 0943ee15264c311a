using System.IO.Compression;
using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API4:2023, unrestricted resource consumption: sizes, depths and numbers have ends, and beyond them the answer is cheap and clear.</summary>
public sealed class Api4ResourceConsumptionTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Admin => _server.Client(_server.AdminKey);

    [Fact]
    public async Task Every_list_has_a_longest_page()
    {
        var lists = (await ApiOperation.AllAsync(_server)).Where(operation => operation.HasParameter("limit")).ToList();
        Assert.True(lists.Count >= 5);
        foreach (var list in lists)
        {
            var most = Assert.NotNull(list.MaximumOf("limit"));
            Assert.InRange(most, 1, 10_000);
            foreach (var limit in new[] { "0", "-1", (most + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), "99999999999999999999", "1e3", "", "%D9%A1" })
                await (await Admin.SendAsync(list.ToRequest("?limit=" + limit), Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        }
    }

    [Fact]
    public async Task Oversized_and_made_up_cursors_are_refused()
    {
        string[] cursors = [new('A', 100_000), new('A', 11), new('_', 64), "%00", "..%2F..", "AAAA%3D", "////", "%F0%9F%8C%B1"];
        foreach (var list in (await ApiOperation.AllAsync(_server)).Where(operation => operation.HasParameter("cursor")))
        {
            foreach (var cursor in cursors)
            {
                var response = await Admin.SendAsync(list.ToRequest("?cursor=" + cursor), Cancellation);
                Assert.True((int)response.StatusCode < 500, $"{list} fails at a cursor of {cursor.Length} characters.");
            }

            await (await Admin.SendAsync(list.ToRequest("?cursor=" + new string('A', 100_000)), Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_cursor");
        }
    }

    [Fact]
    public async Task Every_body_has_a_largest_size_sent_at_once_in_pieces_or_compressed()
    {
        var large = new byte[9 << 20];
        Array.Fill(large, (byte)' ');
        foreach (var operation in await BodiesAsync())
        {
            using var plain = operation.ToRequest();
            plain.Content = Json(new ByteArrayContent(large));
            Assert.Equal((operation.ToString(), HttpStatusCode.RequestEntityTooLarge), (operation.ToString(), await StatusAsync(plain)));

            using var chunked = operation.ToRequest();
            chunked.Content = Json(new ByteArrayContent(large));
            chunked.Headers.TransferEncodingChunked = true;
            Assert.Equal((operation.ToString(), HttpStatusCode.RequestEntityTooLarge), (operation.ToString(), await StatusAsync(chunked)));

            using var bomb = operation.ToRequest();
            bomb.Content = Json(new ByteArrayContent(Gzip(new byte[64 << 20])));
            bomb.Content.Headers.ContentEncoding.Add("gzip");
            Assert.Equal((operation.ToString(), HttpStatusCode.RequestEntityTooLarge), (operation.ToString(), await StatusAsync(bomb)));
        }
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        foreach (var operation in await BodiesAsync())
        {
            foreach (var json in new[] { new string('[', 3_000), string.Concat(Enumerable.Repeat("{\"a\":", 3_000)), "{\"name\":" + new string('[', 5_000) + new string(']', 5_000) + "}" })
                await (await Admin.SendAsync(operation.ToRequest(json: json), Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");
        }
    }

    [Fact]
    public async Task Many_members_and_elements_are_answered_in_bounded_words()
    {
        var many = "{" + string.Join(",", Enumerable.Range(0, 1_000).Select(i => $"\"m{i}\":0")) + "}";
        foreach (var operation in await BodiesAsync())
        {
            var response = await Admin.SendAsync(operation.ToRequest(json: (string?)operation.BodySchema!["type"] == "array" ? $"[{many}]" : many), Cancellation);
            var body = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal((operation.ToString(), HttpStatusCode.BadRequest), (operation.ToString(), response.StatusCode));
            Assert.InRange(response.ReadError(body).Faults.Count, 1, 100);
        }
    }

    [Fact]
    public async Task Oversized_headers_are_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/measurements");
        request.Headers.Add("X-Large", new string('a', 60_000));
        await (await Admin.SendAsync(request, Cancellation)).ShouldBeAsync(HttpStatusCode.RequestHeaderFieldsTooLarge);
        using var many = new HttpRequestMessage(HttpMethod.Get, "/measurements");
        for (var i = 0; i < 200; i++)
            many.Headers.Add($"X-Many-{i}", "a");
        await (await Admin.SendAsync(many, Cancellation)).ShouldBeAsync(HttpStatusCode.RequestHeaderFieldsTooLarge);
        await (await Admin.GetAsync("/measurements?device=" + new string('a', 200_000), Cancellation)).ShouldBeAsync(HttpStatusCode.RequestUriTooLong);
        await (await Admin.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
    }

    private static ByteArrayContent Json(ByteArrayContent content)
    {
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return content;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    private async Task<HttpStatusCode> StatusAsync(HttpRequestMessage request)
    {
        using var response = await Admin.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private async Task<List<ApiOperation>> BodiesAsync() => [.. (await ApiOperation.AllAsync(_server)).Where(operation => operation.BodySchema is not null)];
}
