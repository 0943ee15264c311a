using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>The contract of writing and reading, from outside of the process.</summary>
public sealed class MeasurementTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stored_measurement_is_answered_with_201_and_read_back_at_once()
    {
        using var response = await PostAsync("measurement", """
            { "device": "greenhouse-12", "name": "climate", "timestamp": "2026-11-23T21:44:00.125000001+01:00",
              "fields": { "temperature": 21.4, "humidity": 56, "door": true, "state": "ok ünïcode" }, "tags": { "location": "berlin" } }
            """);

        var stored = await JsonAsync(response);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("stored", stored.GetProperty("status").GetString());
        Assert.Equal("2026-11-23T20:44:00.125000001Z", stored.GetProperty("timestamp").GetString());
        var item = Assert.Single(await ItemsAsync("measurements?device=greenhouse-12&from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z"));
        Assert.Equal(
            """{"device":"greenhouse-12","name":"climate","timestamp":"2026-11-23T20:44:00.125000001Z","fields":{"door":true,"humidity":56,"state":"ok ünïcode","temperature":21.4},"tags":{"location":"berlin"}}""",
            item.GetRawText());
    }

    [Fact]
    public async Task Name_timestamp_and_tags_have_defaults()
    {
        using var response = await PostAsync("measurement", """{ "device": "defaults", "fields": { "x": 1 } }""");

        var stored = await JsonAsync(response);
        Assert.Equal("telemetry", stored.GetProperty("name").GetString());
        Assert.Equal(stored.GetProperty("receivedAt").GetString(), stored.GetProperty("timestamp").GetString());
        var item = Assert.Single(await ItemsAsync("measurements?device=defaults"));
        Assert.Equal("{}", item.GetProperty("tags").GetRawText());
    }

    [Theory]
    [InlineData("1764013440125", "2025-11-24T19:44:00.125Z")]
    [InlineData("-1", "1969-12-31T23:59:59.999Z")]
    [InlineData("\"1677-09-21T00:12:43.145224192Z\"", "1677-09-21T00:12:43.145224192Z")]
    [InlineData("\"2026-02-28 23:30:00-00:30\"", "2026-03-01T00:00:00Z")]
    public async Task Timestamp_is_kept_to_the_nanosecond_in_utc(string written, string read)
    {
        var device = "time-" + Guid.NewGuid().ToString("N");
        using var response = await PostAsync("measurement", $$"""{ "device": "{{device}}", "timestamp": {{written}}, "fields": { "x": 1 } }""");

        Assert.Equal(read, (await JsonAsync(response)).GetProperty("timestamp").GetString());
        var latest = Assert.Single(await ItemsAsync($"measurements/latest?device={device}"));
        Assert.Equal(read, latest.GetProperty("fields").GetProperty("x").GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task Same_measurement_written_twice_is_one_with_the_last_value()
    {
        await StoreAsync("""{ "device": "twice", "name": "twice", "timestamp": 1000, "fields": { "a": 1, "b": 2 } }""");
        await StoreAsync("""{ "device": "twice", "name": "twice", "timestamp": 1000, "fields": { "a": 3 } }""");

        var item = Assert.Single(await ItemsAsync("measurements?device=twice&from=0"));
        Assert.Equal("""{"a":3,"b":2}""", item.GetProperty("fields").GetRawText());
    }

    [Fact]
    public async Task Batch_is_stored_in_part_when_some_are_bad()
    {
        using var response = await PostAsync("measurements", """
            [ { "device": "partial", "fields": { "v": 1 } },
              { "device": "", "fields": { "v": 1 } },
              { "device": "partial", "fields": { "v": "text" } },
              { "device": "partial", "fields": { "w": 9007199254740993 } } ]
            """);

        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var body = await JsonAsync(response);
        Assert.Equal("partial", body.GetProperty("status").GetString());
        Assert.Equal((1, 3), (body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32()));
        Assert.Equal(
            [(1, "device", "invalid_identifier"), (2, "fields.v", "field_type_conflict"), (3, "fields.w", "integer_out_of_range")],
            body.GetProperty("errors").EnumerateArray().Select(e => (e.GetProperty("index").GetInt32(), e.GetProperty("field").GetString(), e.GetProperty("code").GetString())));
        Assert.Single(await ItemsAsync("measurements?device=partial"));
    }

    [Fact]
    public async Task Batch_without_a_good_measurement_is_refused_with_all_faults()
    {
        using var response = await PostAsync("measurements", """[ { "device": "x" }, 7 ]""");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        error.ShouldTell("fields", "no_fields");
        Assert.Contains(error.Faults, fault => fault is { Index: 1, Code: "wrong_type" });
    }

    [Fact]
    public async Task Field_keeps_its_type_whatever_the_device()
    {
        await StoreAsync("""{ "device": "type-a", "name": "typed", "fields": { "v": 1 } }""");

        using var refused = await PostAsync("measurement", """{ "device": "type-b", "name": "typed", "fields": { "v": true } }""");
        using var otherName = await PostAsync("measurement", """{ "device": "type-b", "name": "typed-2", "fields": { "v": true } }""");

        var error = await refused.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        error.ShouldTell("fields.v", "field_type_conflict");
        Assert.Equal(HttpStatusCode.Created, otherName.StatusCode);
    }

    [Fact]
    public async Task Pages_follow_each_other_while_new_data_arrives()
    {
        await StoreManyAsync(Enumerable.Range(0, 25).Select(i => $$"""{ "device": "paged-{{i % 3}}", "name": "paged", "timestamp": {{1_000_000 + (i / 2)}}, "fields": { "i": {{i}} } }"""));

        var read = new List<int>();
        var url = "measurements?name=paged&from=0&to=2000000&limit=4";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync(url + cursor);
            read.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("fields").GetProperty("i").GetInt32()));
            Assert.Equal(page.GetProperty("hasMore").GetBoolean(), page.TryGetProperty("nextCursor", out var next));
            cursor = next.ValueKind == JsonValueKind.String ? "&cursor=" + next.GetString() : null;
            await StoreAsync("""{ "device": "paged-0", "name": "paged", "timestamp": 1500000, "fields": { "i": 1000 } }""");
        }

        var expected = Enumerable.Range(0, 25).OrderByDescending(i => i / 2).ThenByDescending(i => i % 3);
        Assert.Equal(expected, read);
    }

    [Fact]
    public async Task Ascending_order_is_the_reverse_of_descending()
    {
        await StoreManyAsync(Enumerable.Range(0, 10).Select(i => $$"""{ "device": "order-{{i % 2}}", "name": "order", "timestamp": {{i / 2}}, "fields": { "i": {{i}} } }"""));

        var ascending = await ItemsAsync("measurements?name=order&from=0&to=100&order=asc");
        var descending = await ItemsAsync("measurements?name=order&from=0&to=100&order=desc");

        Assert.Equal(10, ascending.Count);
        Assert.Equal(ascending.Select(item => item.GetRawText()).Reverse(), descending.Select(item => item.GetRawText()));
    }

    [Fact]
    public async Task Filters_choose_by_name_field_tag_and_half_open_range()
    {
        await StoreManyAsync([
            """{ "device": "filter", "name": "a", "timestamp": 1000, "fields": { "x": 1, "y": 2 }, "tags": { "room": "1" } }""",
            """{ "device": "filter", "name": "b", "timestamp": 2000, "fields": { "y": 3 }, "tags": { "room": "1" } }""",
            """{ "device": "filter", "name": "a", "timestamp": 3000, "fields": { "x": 4 }, "tags": { "room": "2" } }""",
        ]);

        Assert.Equal(["1000", "3000"], await TimesAsync("name=a"));
        Assert.Equal(["1000", "2000"], await TimesAsync("field=y"));
        Assert.Equal("""{"y":2}""", (await ItemsAsync("measurements?device=filter&from=0&to=10000&order=asc&field=y"))[0].GetProperty("fields").GetRawText());
        Assert.Equal(["1000", "2000"], await TimesAsync("tag.room=1"));
        Assert.Equal(["2000"], await TimesAsync("name=a&name=b&tag.room=1&field=y&from=1001"));
        Assert.Equal(["1000", "2000"], await TimesAsync("to=3000"));

        async Task<IEnumerable<string>> TimesAsync(string filter)
        {
            var range = (filter.Contains("from=", StringComparison.Ordinal) ? "" : "&from=0") + (filter.Contains("to=", StringComparison.Ordinal) ? "" : "&to=10000");
            var items = await ItemsAsync($"measurements?device=filter&order=asc&{filter}{range}");
            return items.Select(item => DateTimeOffset.Parse(item.GetProperty("timestamp").GetString()!, null).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task Latest_gives_the_value_with_the_highest_timestamp_of_every_field()
    {
        await StoreAsync("""{ "device": "latest", "name": "latest", "timestamp": 3000, "fields": { "a": 3 } }""");
        await StoreAsync("""{ "device": "latest", "name": "latest", "timestamp": 2000, "fields": { "a": 2, "b": true } }""");

        var item = Assert.Single(await ItemsAsync("measurements/latest?device=latest"));
        Assert.Equal(
            """{"a":{"value":3,"timestamp":"1970-01-01T00:00:03Z"},"b":{"value":true,"timestamp":"1970-01-01T00:00:02Z"}}""",
            item.GetProperty("fields").GetRawText());
    }

    [Theory]
    [InlineData("limit=0", "limit", "invalid_parameter")]
    [InlineData("limit=10001", "limit", "invalid_parameter")]
    [InlineData("limit=ten", "limit", "invalid_parameter")]
    [InlineData("order=up", "order", "invalid_parameter")]
    [InlineData("from=yesterday", "from", "invalid_parameter")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from", "invalid_parameter")]
    [InlineData("colour=red", "colour", "invalid_parameter")]
    [InlineData("device=_x", "device", "invalid_parameter")]
    [InlineData("limit=5&limit=6", "limit", "invalid_parameter")]
    [InlineData("cursor=AAAA", "cursor", "invalid_cursor")]
    public async Task Bad_parameter_is_named(string query, string parameter, string code)
    {
        using var response = await _client.GetAsync(new Uri("measurements?" + query, UriKind.Relative), Cancel);

        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        response.ReadError(body).ShouldTell(parameter, code);
    }

    [Fact]
    public async Task Limit_of_10000_and_50_devices_are_accepted_and_51_are_not()
    {
        var fifty = string.Concat(Enumerable.Range(0, 50).Select(i => $"&device=d{i}"));

        using var accepted = await _client.GetAsync(new Uri("measurements?limit=10000" + fifty, UriKind.Relative), Cancel);
        using var refused = await _client.GetAsync(new Uri("measurements?limit=10000&device=d50" + fifty, UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        var body = await refused.Content.ReadAsStringAsync(Cancel);
        refused.ReadError(body).ShouldTell("device", "invalid_parameter");
    }

    [Fact]
    public async Task Cursor_of_another_query_is_refused()
    {
        await StoreManyAsync(Enumerable.Range(0, 3).Select(i => $$"""{ "device": "foreign-cursor", "timestamp": {{i}}, "fields": { "i": 1 } }"""));
        var page = await GetAsync("measurements?device=foreign-cursor&from=0&limit=1");
        var cursor = page.GetProperty("nextCursor").GetString();

        using var same = await _client.GetAsync(new Uri($"measurements?device=foreign-cursor&from=0&limit=2&cursor={cursor}", UriKind.Relative), Cancel);
        using var other = await _client.GetAsync(new Uri($"measurements?device=foreign-cursor-2&from=0&cursor={cursor}", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        await other.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_cursor");
    }

    [Fact]
    public async Task Unknown_bucket_is_not_found()
    {
        using var write = await PostAsync("measurement?bucket=nowhere", """{ "device": "x", "fields": { "x": 1 } }""");
        using var read = await _client.GetAsync(new Uri("measurements?bucket=nowhere", UriKind.Relative), Cancel);

        await write.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        await read.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compressed_body_is_taken(string encoding)
    {
        using var compressed = new MemoryStream();
        await using (Stream stream = encoding == "br" ? new BrotliStream(compressed, CompressionMode.Compress, true) : new GZipStream(compressed, CompressionMode.Compress, true))
            await stream.WriteAsync(Encoding.UTF8.GetBytes("""[ { "device": "packed", "fields": { "x": 1 } } ]"""), Cancel);
        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);

        using var response = await _client.PostAsync(new Uri("measurements", UriKind.Relative), content, Cancel);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task Empty_result_is_an_empty_page()
    {
        Assert.Equal("""{"items":[],"hasMore":false}""", (await GetAsync("measurements?device=nobody")).GetRawText());
        Assert.Equal("""{"items":[],"hasMore":false}""", (await GetAsync("measurements/latest?device=nobody")).GetRawText());
    }

    private Task<HttpResponseMessage> PostAsync(string path, string json) =>
        _client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), Cancel);

    private async Task StoreAsync(string json)
    {
        using var response = await PostAsync("measurement", json);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task StoreManyAsync(IEnumerable<string> items)
    {
        using var response = await PostAsync("measurements", $"[{string.Join(',', items)}]");
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        return await JsonAsync(response);
    }

    private async Task<List<JsonElement>> ItemsAsync(string path) => [.. (await GetAsync(path)).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return json.RootElement.Clone();
    }
}
