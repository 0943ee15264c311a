using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>Batches in every format, from outside of the process.</summary>
public sealed class BatchFormatTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Lines = "text/plain";
    private const string Ndjson = "application/x-ndjson";
    private const string Senml = "application/senml+json";

    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _client = fixture.Server.Client(fixture.Server.AdminKey);

    public static TheoryData<string, string> Bodies => new()
    {
        { "application/json", """[{"device":"$","name":"m","timestamp":1764000000001,"fields":{"v":1},"tags":{"unit":"Cel"}},{"device":"$","name":"m","timestamp":1764000000002,"fields":{"v":2},"tags":{"unit":"Cel"}}]""" },
        { Ndjson, """{"device":"$","name":"m","timestamp":1764000000001,"fields":{"v":1},"tags":{"unit":"Cel"}}""" + "\n" + """{"device":"$","name":"m","timestamp":1764000000002,"fields":{"v":2},"tags":{"unit":"Cel"}}""" },
        { Lines, "m,device=$,unit=Cel v=1i 1764000000001000000\nm,host=$,unit=Cel v=2i 1764000000002000000\n" },
        { "application/vnd.influx.line-protocol; charset=utf-8", "m,device_id=$,unit=Cel v=1i 1764000000001000000\nm,host=$,unit=Cel v=2i 1764000000002000000\n" },
        { Senml, """[{"bn":"$/","bu":"Cel","bt":1764000000,"n":"v","v":1,"t":0.001},{"n":"v","v":2,"t":0.002}]""" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Every_format_stores_the_same(string mediaType, string template)
    {
        foreach (var encoding in new[] { null, "gzip", "br" })
        {
            var device = NewDevice();
            var body = Encoding.UTF8.GetBytes(template.Replace("$", device, StringComparison.Ordinal));

            using var response = await _client.PostBytesAsync(Posting.Many, Compress(body, encoding), mediaType, encoding);

            Assert.Equal("""{"status":"stored","accepted":2,"rejected":0}""", await response.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            var items = await ReadAsync(device);
            Assert.Equal(["2025-11-24T16:00:00.002Z", "2025-11-24T16:00:00.001Z"], items.Select(item => (string?)item!["timestamp"]));
            Assert.Equal(["""{"v":2}""", """{"v":1}"""], items.Select(item => item!["fields"]!.ToJsonString()));
            Assert.All(items, item => Assert.Equal((mediaType == Senml ? "telemetry" : "m", """{"unit":"Cel"}"""), ((string?)item!["name"], item["tags"]!.ToJsonString())));
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task An_idempotency_key_holds_for_every_format(string mediaType, string template)
    {
        var (device, key) = (NewDevice(), Guid.NewGuid().ToString());
        var body = template.Replace("$", device, StringComparison.Ordinal);
        using var first = await PostAsync(body, mediaType, key);
        using var retry = await PostAsync(body, mediaType, key);
        using var other = await PostAsync(body, mediaType == Lines ? "application/vnd.influx.line-protocol" : Lines, key);

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(["true"], retry.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await retry.Content.ReadAsStringAsync(Cancel));

        // What is nothing good in the other format is refused before its key is looked at.
        Assert.Contains(other.StatusCode, new[] { HttpStatusCode.UnprocessableEntity, HttpStatusCode.BadRequest });
    }

    [Fact]
    public async Task Good_lines_are_stored_and_bad_ones_told_by_their_number()
    {
        using var lines = await _client.PostBytesAsync(Posting.Many, "# c\nm,device=partly v=1\nbroken\nm v=2\nm,device=partly v=\"x\"\n"u8.ToArray(), Lines);
        using var ndjson = await _client.PostBytesAsync(Posting.Many, "\n{\"device\":\"partly\",\"fields\":{\"v\":1}}\n{\n{\"fields\":{\"v\":1}}"u8.ToArray(), Ndjson);
        using var senml = await _client.PostBytesAsync(Posting.Many, """[{"n":"partly/w","v":1},{"n":"partly/w","vs":"x"},{"n":"partly/w"}]"""u8.ToArray(), Senml);

        Assert.Equal(
            [(3, null, "invalid_line"), (4, "device", "required"), (5, "fields.v", "field_type_conflict")],
            (await lines.ShouldBePartialAsync(1, 3)).Select(fault => (fault.Line!.Value, fault.Field, fault.Code)));
        Assert.Equal([(3, "invalid_json"), (4, "required")], (await ndjson.ShouldBePartialAsync(1, 2)).Select(fault => (fault.Line!.Value, fault.Code)));
        Assert.Equal([(1, "field_type_conflict"), (2, "no_fields")], (await senml.ShouldBePartialAsync(1, 2)).Select(fault => (fault.Index!.Value, fault.Code)));
    }

    [Theory]
    [InlineData(Lines, "broken\nm v=1")]
    [InlineData(Ndjson, "broken\n{}")]
    [InlineData(Senml, "[{\"n\":\"d\"},{\"v\":1}]")]
    public async Task A_batch_without_anything_good_is_refused_with_all_its_faults(string mediaType, string body)
    {
        using var response = await _client.PostBytesAsync(Posting.Many, Encoding.UTF8.GetBytes(body), mediaType);

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.True(error.Faults.Count >= 2);
        Assert.All(error.Faults, fault => Assert.NotEqual(fault.Line is null, fault.Index is null));
    }

    [Theory]
    [InlineData(Lines, "")]
    [InlineData(Lines, "# nothing\n")]
    [InlineData(Ndjson, "\n \n")]
    [InlineData(Senml, "[]")]
    public async Task A_batch_of_nothing_is_told(string mediaType, string body)
    {
        using var response = await _client.PostBytesAsync(Posting.Many, Encoding.UTF8.GetBytes(body), mediaType);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(null!, "empty_batch");
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_batch_of_foreign_devices_is_forbidden(string mediaType, string template)
    {
        var client = await _server.ClientForAsync(key => key with { Devices = [DevicePattern.Parse("mine")] });
        using var response = await client.PostBytesAsync(Posting.Many, Encoding.UTF8.GetBytes(template.Replace("$", "theirs", StringComparison.Ordinal)), mediaType);
        await response.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Theory]
    [InlineData("us", "1764000000001002", "2025-11-24T16:00:00.001002Z")]
    [InlineData("ms", "1764000000001", "2025-11-24T16:00:00.001Z")]
    [InlineData("s", "1764000000", "2025-11-24T16:00:00Z")]
    public async Task Precision_says_what_times_of_line_protocol_count(string precision, string time, string stored)
    {
        var device = NewDevice();
        using var response = await _client.PostBytesAsync($"{Posting.Many}?precision={precision}", Encoding.UTF8.GetBytes($"m,device={device} v=1 {time}"), Lines);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(stored, (string?)Assert.Single(await ReadAsync(device))!["timestamp"]);
    }

    [Theory]
    [InlineData(Lines, "precision=h")]
    [InlineData(Lines, "precision=s&precision=s")]
    [InlineData(Ndjson, "precision=s")]
    [InlineData(Senml, "precision=s")]
    [InlineData(Lines, "unit=s")]
    public async Task Precision_is_one_of_four_and_of_line_protocol_alone(string mediaType, string query)
    {
        using var response = await _client.PostBytesAsync($"{Posting.Many}?{query}", "m,device=d v=1"u8.ToArray(), mediaType);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell(query.Split('=')[0], "invalid_parameter");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/csv")]
    [InlineData("application/senml+cbor")]
    [InlineData("text/plain; charset=utf-16")]
    public async Task Other_media_types_are_refused_and_those_taken_are_named(string? mediaType)
    {
        using var response = await _client.PostBytesAsync(Posting.Many, "m,device=d v=1"u8.ToArray(), mediaType);

        await response.ShouldFailAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        var named = response.Headers.GetValues("Accept").SelectMany(value => value.Split(", "));
        Assert.Empty(new[] { "application/json", Ndjson, Lines, "application/vnd.influx.line-protocol", Senml }.Except(named));
    }

    [Theory]
    [InlineData(Lines)]
    [InlineData(Ndjson)]
    [InlineData(Senml)]
    public async Task A_batch_has_at_most_10_000_measurements_and_one_more_stores_nothing(string mediaType)
    {
        var (taken, refused) = (NewDevice(), NewDevice());
        using var most = await _client.PostBytesAsync(Posting.Many, Many(mediaType, taken, 10_000), mediaType);
        using var more = await _client.PostBytesAsync(Posting.Many, Many(mediaType, refused, 10_001), mediaType);

        Assert.Equal(HttpStatusCode.Created, most.StatusCode);
        await more.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
        Assert.NotEmpty(await ReadAsync(taken));
        Assert.Empty(await ReadAsync(refused));
    }

    [Fact]
    public async Task The_document_lists_every_format()
    {
        var document = JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json", Cancel))!;
        var operation = document["paths"]!["/measurements"]!["post"]!;

        Assert.Equal(
            ["application/json", Senml, "application/vnd.influx.line-protocol", Ndjson, Lines],
            operation["requestBody"]!["content"]!.AsObject().Select(content => content.Key).Order(StringComparer.Ordinal));
        Assert.Contains("precision", operation["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
    }

    private static string NewDevice() => "f" + Guid.NewGuid().ToString("N");

    private static byte[] Many(string mediaType, string device, int count)
    {
        var records = Enumerable.Range(0, count).Select(i => mediaType switch
        {
            Lines => string.Create(CultureInfo.InvariantCulture, $"m,device={device} v={i} {1764000000000000000 + i}"),
            Ndjson => string.Create(CultureInfo.InvariantCulture, $"{{\"device\":\"{device}\",\"fields\":{{\"v\":{i}}}}}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{{\"n\":\"{device}/v\",\"v\":{i}}}"),
        });
        return Encoding.UTF8.GetBytes(mediaType == Senml ? $"[{string.Join(',', records)}]" : string.Join('\n', records));
    }

    private static byte[] Compress(byte[] body, string? encoding)
    {
        if (encoding is null)
            return body;
        using var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(compressed, CompressionLevel.Fastest) : new BrotliStream(compressed, CompressionLevel.Fastest))
            stream.Write(body);
        return compressed.ToArray();
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string mediaType, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Posting.Many) { Content = new StringContent(body) };
        request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(mediaType);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await _client.SendAsync(request, Cancel);
    }

    private async Task<JsonArray> ReadAsync(string device) =>
        JsonNode.Parse(await _client.GetStringAsync($"/measurements?from=2025-01-01T00:00:00Z&device={device}", Cancel))!["items"]!.AsArray();
}
