using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>What a client sees of streams.</summary>
public sealed class StreamApiTests(StreamServerFixture fixture) : IClassFixture<StreamServerFixture>
{
    private const string Csv = "text/csv";
    private const string Ndjson = "application/x-ndjson";
    private const string AllTime = "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z";
    private const long Start = 1_577_836_800_000;

    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Csv_has_one_header_and_a_column_for_each_tag_and_field()
    {
        await StoreAsync("""
            [ { "device": "csv-1", "name": "c", "timestamp": "2020-01-01T00:00:01.5Z", "fields": { "v": -0.1, "on": true, "text": "a \"b\"\nc" }, "tags": { "site": "x,y" } },
              { "device": "csv 2", "name": "c", "timestamp": "2020-01-01T00:00:00Z", "fields": { "v": 1e300, "text": "", "device": 7, "tag.site": 8 } },
              { "device": "csv 2", "name": "c", "timestamp": "2020-01-01T00:00:02Z", "fields": { "text": "ok", "field.v": 9 }, "tags": { "name": "z" } } ]
            """);

        using var response = await AskAsync($"measurements?name=c&order=asc&{AllTime}", Csv);

        Assert.Equal("text/csv; charset=utf-8; header=present", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Null(response.Headers.ETag);
        Assert.Equal(
            "device,name,timestamp,tag.name,tag.site,field.device,field.field.v,on,field.tag.site,text,v\r\n"
            + "csv 2,c,2020-01-01T00:00:00Z,,,7,,,8,\"\",1E+300\r\n"
            + "csv-1,c,2020-01-01T00:00:01.5Z,,\"x,y\",,,true,,\"a \"\"b\"\"\nc\",-0.1\r\n"
            + "csv 2,c,2020-01-01T00:00:02Z,z,,,9,,,ok,\r\n",
            await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Ndjson_has_the_items_of_pages_a_line_each()
    {
        await StoreNumbersAsync("lines", 2_500, "lines");
        var pages = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            using var page = JsonDocument.Parse(await _client.GetStringAsync($"measurements?name=lines&{AllTime}&limit=1000{cursor}", Cancel));
            pages.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()));
            cursor = page.RootElement.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : null;
        }

        using var response = await AskAsync($"measurements?name=lines&{AllTime}", Ndjson);

        Assert.Equal(Ndjson, response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync(Cancel)).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.Equal(pages, lines[..^1]);
        Assert.Equal(2_500, pages.Count);
    }

    [Theory]
    [InlineData("asc", 7)]
    [InlineData("desc", 2_499)]
    [InlineData("asc", 2_500)]
    [InlineData("desc", 100_000)]
    public async Task Limit_bounds_a_stream(string order, int limit)
    {
        var name = $"limit-{order}-{limit}";
        await StoreNumbersAsync(name, 2_500, name);

        using var response = await AskAsync($"measurements?name={name}&{AllTime}&order={order}&limit={limit}", Ndjson);

        Assert.Equal(Math.Min(limit, 2_500), (await response.Content.ReadAsStringAsync(Cancel)).Split('\n').Length - 1);
    }

    [Fact]
    public async Task Range_without_measurements_is_a_header_alone()
    {
        using var csv = await AskAsync($"measurements?device=nobody&{AllTime}", Csv);
        using var ndjson = await AskAsync($"measurements?device=nobody&{AllTime}", Ndjson);

        Assert.Equal("device,name,timestamp\r\n", await csv.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("", await ndjson.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Reader_that_was_cut_off_goes_on_after_its_last_row_without_loss_or_doubling(string order)
    {
        var name = $"cut-{order}";
        for (var device = 0; device < 5; device++)
            await StoreNumbersAsync($"cut-{device}", 8_000, name);
        var address = $"measurements?name={name}&{AllTime}&order={order}";
        using var whole = await AskAsync(address, Ndjson);
        var expected = (await whole.Content.ReadAsStringAsync(Cancel)).Split('\n')[..^1];
        Assert.Equal(40_000, expected.Length);

        var got = new List<string>();
        for (var resume = ""; got.Count < expected.Length;)
        {
            var before = got.Count;
            got.AddRange(await ReadSomeLinesAsync(address + resume, bytes: 1_500_000));
            Assert.True(got.Count > before);
            var last = JsonNode.Parse(got[^1])!.AsObject();
            last.Remove("fields");
            resume = $"&resumeAfter={Uri.EscapeDataString(last.ToJsonString())}";
        }

        Assert.Equal(expected, got);
    }

    [Fact]
    public async Task Stream_goes_on_from_a_page_by_its_cursor()
    {
        await StoreNumbersAsync("mixed", 300, "mixed");
        using var page = JsonDocument.Parse(await _client.GetStringAsync($"measurements?name=mixed&{AllTime}&limit=100", Cancel));

        using var response = await AskAsync($"measurements?name=mixed&{AllTime}&cursor={page.RootElement.GetProperty("nextCursor").GetString()}", Ndjson);

        Assert.Equal(200, (await response.Content.ReadAsStringAsync(Cancel)).Split('\n').Length - 1);
    }

    [Theory]
    [InlineData("resumeAfter=x", "resumeAfter")]
    [InlineData("resumeAfter=%5B%5D", "resumeAfter")]
    [InlineData("resumeAfter=%7B%22device%22:%22d%22,%22name%22:%22n%22%7D", "resumeAfter")]
    [InlineData("resumeAfter=%7B%22device%22:%22d%22,%22name%22:%22n%22,%22timestamp%22:%22yesterday%22%7D", "resumeAfter")]
    [InlineData("resumeAfter=%7B%22device%22:%22d%22,%22name%22:%22n%22,%22timestamp%22:%222020-01-01T00:00:00Z%22,%22more%22:1%7D", "resumeAfter")]
    [InlineData("limit=0", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("what=1", "what")]
    public async Task Faults_are_told_before_anything_streams(string query, string parameter)
    {
        using var response = await AskAsync($"measurements?{query}", Csv);

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        error.ShouldTell(parameter, "invalid_parameter");
    }

    [Theory]
    [InlineData("text/csv", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("application/x-ndjson, application/json;q=0.9", "application/x-ndjson")]
    [InlineData("application/json, text/csv", "application/json")]
    [InlineData("text/csv;q=0.5, application/json;q=0.4", "text/csv")]
    [InlineData("text/csv;q=0, */*", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("application/problem+json", "application/json")]
    public async Task Form_is_the_one_that_the_caller_likes_best(string accept, string expected)
    {
        using var response = await AskAsync($"measurements?device=nobody&{AllTime}", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Fact]
    public async Task Other_forms_are_refused_with_those_that_are_offered()
    {
        using var response = await AskAsync("measurements", "image/png");

        var error = await response.ShouldFailAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
        Assert.Equal("application/json, text/csv, application/x-ndjson", error.Details!.Value.GetProperty("offered").GetString());
    }

    [Fact]
    public async Task Head_tells_the_form_and_reads_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "measurements");
        request.Headers.Add("Accept", Csv);
        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Csv, response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Stream_that_can_not_go_on_is_cut_and_never_looks_complete()
    {
        await _client.PutAsync("admin/buckets/doomed", new StringContent("{}", null, "application/json"), Cancel);
        for (var device = 0; device < 20; device++)
            await StoreNumbersAsync($"doomed-{device}", 10_000, "doomed", "?bucket=doomed");
        using var response = await AskAsync($"measurements?bucket=doomed&{AllTime}", Ndjson);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        await body.ReadExactlyAsync(new byte[1_000], Cancel);

        using var deleted = await _client.DeleteAsync("admin/buckets/doomed?confirm=doomed", Cancel);
        Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync(Cancel));

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancel));
    }

    [Fact]
    public async Task As_many_streams_as_there_may_be_are_served_and_one_more_is_refused_until_one_ends()
    {
        for (var device = 0; device < 20; device++)
            await StoreNumbersAsync($"places-{device}", 10_000, "places");
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < StreamServerFixture.MaxStreams; i++)
            open.Add(await AskAsync($"measurements?name=places&{AllTime}", Ndjson));

        Assert.All(open, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        using (var refused = await AskAsync($"measurements?name=places&{AllTime}", Ndjson))
        {
            await refused.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "overloaded");
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using (var page = await AskAsync($"measurements?name=places&{AllTime}", "application/json"))
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        open.ForEach(response => response.Dispose());
        await Eventually.TrueAsync(
            async () =>
            {
                using var again = await AskAsync($"measurements?name=places&{AllTime}&limit=1", Ndjson);
                return again.StatusCode == HttpStatusCode.OK;
            },
            "a place is free when a reader has gone");
    }

    private async Task<List<string>> ReadSomeLinesAsync(string address, int bytes)
    {
        using var response = await AskAsync(address, Ndjson);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[bytes];
        var read = await body.ReadAtLeastAsync(buffer, bytes, throwOnEndOfStream: false, Cancel);

        // The last line may be half a one.
        var lines = System.Text.Encoding.UTF8.GetString(buffer, 0, read).Split('\n');
        return [.. lines[..^1]];
    }

    private Task<HttpResponseMessage> AskAsync(string address, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private Task StoreNumbersAsync(string device, int count, string name, string bucket = "") => StoreAsync(
        $"[{string.Join(',', Enumerable.Range(0, count).Select(i => $$$"""{"device":"{{{device}}}","name":"{{{name}}}","timestamp":{{{Start + (i / 3 * 1000L)}}},"fields":{"v":{{{i}}}},"tags":{"third":"{{{i % 3}}}"}}"""))}]",
        bucket);

    private async Task StoreAsync(string json, string bucket = "")
    {
        using var response = await _client.PostAsync($"measurements{bucket}", new StringContent(json, null, "application/json"), Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
    }
}
