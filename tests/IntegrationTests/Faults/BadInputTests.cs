using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Bodies that are wrong inside: always 400, always with the exact member.</summary>
public sealed class BadInputTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private const string Good = """{"device":"good","fields":{"v":1}}""";

    public static TheoryData<string> NotJson =>
    [
        "",
        "   ",
        "nonsense",
        """{"device":"d","fields":{"v":1}""",
        """{"device":"d","fields":{"v":1},}""",
        """{"device":"d","fields":{"v":1}}}""",
        """{"device":"d","fields":{"v":1}} {"device":"d","fields":{"v":1}}""",
        """{"device":"d","fields":{"v":1}} trailing""",
        """{'device':'d','fields':{'v':1}}""",
        """{"device":"d",/* why */"fields":{"v":1}}""",
        """{"device":"d","fields":{"v":NaN}}""",
        """{"device":"d","fields":{"v":Infinity}}""",
        """{"device":"d","fields":{"v":-Infinity}}""",
        """{"device":"d","fields":{"v":01}}""",
        """{"device":"d","fields":{"v":+1}}""",
        """{"device":"d","fields":{"v":.5}}""",
        """{"device":"d","fields":{"v":0x10}}""",
        """{"device":"d","fields":{"v":True}}""",
        """{"device":"d\x","fields":{"v":1}}""",
        "{\"device\":\"line\nbreak\",\"fields\":{\"v\":1}}",
    ];

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task What_is_no_json_is_refused_as_such(string body)
    {
        using var one = await PostAsync(Posting.One, body);
        await one.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");

        using var many = await PostAsync(Posting.Many, body.Trim().Length == 0 ? body : $"[{body}]");
        await many.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"text\"")]
    [InlineData("[{\"device\":\"d\",\"fields\":{\"v\":1}}]")]
    public async Task Single_measurement_that_is_no_object_is_refused(string body)
    {
        using var response = await PostAsync(Posting.One, body);

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("[[]]")]
    [InlineData("""[5,"x"]""")]
    [InlineData(Good)]
    public async Task Batch_that_is_no_array_of_objects_is_refused(string body)
    {
        using var response = await PostAsync(Posting.Many, body);

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    public static TheoryData<string, string, string> FaultyMembers => new()
    {
        { """{"fields":{"v":1}}""", "device", "required" },
        { """{"device":null,"fields":{"v":1}}""", "device", "wrong_type" },
        { """{"device":5,"fields":{"v":1}}""", "device", "wrong_type" },
        { """{"device":{"id":"d"},"fields":{"v":1}}""", "device", "wrong_type" },
        { """{"device":["d"],"fields":{"v":1}}""", "device", "wrong_type" },
        { """{"device":"","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"_own","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":" d","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"a,b","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"a\u0000b","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"a\nb","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"\ud83d\ude00","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"\ud800","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"\udc00\ud800","fields":{"v":1}}""", "device", "invalid_identifier" },
        { """{"device":"d","name":7,"fields":{"v":1}}""", "name", "wrong_type" },
        { """{"device":"d","name":"","fields":{"v":1}}""", "name", "invalid_identifier" },
        { """{"device":"d","name":"_n","fields":{"v":1}}""", "name", "invalid_identifier" },
        { """{"device":"d","name":"\ud800x","fields":{"v":1}}""", "name", "invalid_identifier" },
        { """{"device":"d","timestamp":true,"fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":null,"fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":{"a":1},"fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"yesterday","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-11-23","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-11-23T20:44:00","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-02-30T20:44:00Z","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-11-23T24:00:00Z","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-11-23T20:44:00.1234567891Z","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"2026-11-23T20:44:00.Z","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":"\ud800","fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":1.5,"fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":1e400,"fields":{"v":1}}""", "timestamp", "invalid_timestamp" },
        { """{"device":"d","timestamp":9223372036854775807,"fields":{"v":1}}""", "timestamp", "timestamp_out_of_range" },
        { """{"device":"d","timestamp":"9999-12-31T23:59:59Z","fields":{"v":1}}""", "timestamp", "timestamp_out_of_range" },
        { """{"device":"d","timestamp":"0001-01-01T00:00:00Z","fields":{"v":1}}""", "timestamp", "timestamp_out_of_range" },
        { """{"device":"d"}""", "fields", "no_fields" },
        { """{"device":"d","fields":{}}""", "fields", "no_fields" },
        { """{"device":"d","fields":null}""", "fields", "wrong_type" },
        { """{"device":"d","fields":[1]}""", "fields", "wrong_type" },
        { """{"device":"d","fields":"v=1"}""", "fields", "wrong_type" },
        { """{"device":"d","fields":{"v":null}}""", "fields.v", "wrong_type" },
        { """{"device":"d","fields":{"v":{"nested":1}}}""", "fields.v", "wrong_type" },
        { """{"device":"d","fields":{"v":[1]}}""", "fields.v", "wrong_type" },
        { """{"device":"d","fields":{"ok":1,"v":1e999}}""", "fields.v", "number_out_of_range" },
        { """{"device":"d","fields":{"v":-1e999}}""", "fields.v", "number_out_of_range" },
        { """{"device":"d","fields":{"v":9007199254740993}}""", "fields.v", "integer_out_of_range" },
        { """{"device":"d","fields":{"v":-9007199254740993}}""", "fields.v", "integer_out_of_range" },
        { """{"device":"d","fields":{"v":18446744073709551615}}""", "fields.v", "integer_out_of_range" },
        { """{"device":"d","fields":{"":1}}""", "fields.", "invalid_identifier" },
        { """{"device":"d","fields":{"_v":1}}""", "fields._v", "invalid_identifier" },
        { """{"device":"d","fields":{"a=b":1}}""", "fields.a=b", "invalid_identifier" },
        { """{"device":"d","fields":{"v":"\ud800"}}""", "fields.v", "invalid_text" },
        { """{"device":"d","fields":{"v":"\udfff tail"}}""", "fields.v", "invalid_text" },
        { """{"device":"d","fields":{"v":1,"v":2}}""", "fields.v", "duplicate_member" },
        { """{"device":"d","fields":{"v":1,"\u0076":2}}""", "fields.v", "duplicate_member" },
        { """{"device":"d","fields":{"v":1},"tags":["a"]}""", "tags", "wrong_type" },
        { """{"device":"d","fields":{"v":1},"tags":null}""", "tags", "wrong_type" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":5}}""", "tags.t", "wrong_type" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":{"u":"v"}}}""", "tags.t", "wrong_type" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":""}}""", "tags.t", "invalid_tag_value" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":"a\u0007"}}""", "tags.t", "invalid_tag_value" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":"\ud800"}}""", "tags.t", "invalid_tag_value" },
        { """{"device":"d","fields":{"v":1},"tags":{"_t":"x"}}""", "tags._t", "invalid_identifier" },
        { """{"device":"d","fields":{"v":1},"tags":{"t":"a","t":"b"}}""", "tags.t", "duplicate_member" },
        { """{"device":"d","fields":{"v":1},"colour":"red"}""", "colour", "unknown_member" },
        { """{"device":"d","fields":{"v":1},"Device":"d"}""", "Device", "unknown_member" },
        { """{"device":"d","fields":{"v":1},"bucket":{"deep":[1,{"er":2}]}}""", "bucket", "unknown_member" },
        { """{"device":"d","device":"e","fields":{"v":1}}""", "device", "duplicate_member" },
        { """{"device":"d","fields":{"v":1},"fields":{"w":1}}""", "fields", "duplicate_member" },
        { """{"device":"d","timestamp":1,"timestamp":2,"fields":{"v":1}}""", "timestamp", "duplicate_member" },
    };

    [Theory]
    [MemberData(nameof(FaultyMembers))]
    public async Task Faulty_member_is_named_exactly(string body, string field, string code)
    {
        using var one = await PostAsync(Posting.One, body);
        var single = await one.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        single.ShouldTell(field, code);
        Assert.All(single.Faults, fault => Assert.Null(fault.Index));

        using var many = await PostAsync(Posting.Many, $"[{Good},{body},{Good}]");
        var partial = await many.ShouldBePartialAsync(accepted: 2, rejected: 1);
        Assert.Contains(partial, fault => fault is { Index: 1 } && fault.Field == field && fault.Code == code);
    }

    [Theory]
    [InlineData("""{"\ud800":1,"device":"d","fields":{"v":1}}""", "unknown_member")]
    [InlineData("""{"device":"d","fields":{"\ud800":1}}""", "invalid_identifier")]
    [InlineData("""{"device":"d","fields":{"v":1},"tags":{"\ud800":"x"}}""", "invalid_identifier")]
    public async Task Name_that_is_no_text_is_refused(string body, string code)
    {
        using var response = await PostAsync(Posting.One, body);

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains(error.Faults, fault => fault.Code == code);
    }

    [Theory]
    [InlineData("device", "{\"device\":\"a@@b\",\"fields\":{\"v\":1}}")]
    [InlineData("fields.v", "{\"device\":\"d\",\"fields\":{\"v\":\"a@@b\"}}")]
    [InlineData("tags.t", "{\"device\":\"d\",\"fields\":{\"v\":1},\"tags\":{\"t\":\"a@@b\"}}")]
    public async Task Bytes_that_are_no_utf8_are_refused_where_they_stand(string field, string template)
    {
        foreach (var bytes in new byte[][] { [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0], [0xE2, 0x82], [0xF5, 0x80] })
        {
            var body = Encoding.Latin1.GetBytes(template);
            bytes.CopyTo(body, template.IndexOf("@@", StringComparison.Ordinal));

            using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, body);

            var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
            Assert.Contains(error.Faults, fault => fault.Field == field);
        }
    }

    [Fact]
    public async Task All_faults_of_a_body_come_at_once()
    {
        using var response = await PostAsync(
            Posting.One, """{"timestamp":"never","fields":{"a":1e999,"b":null,"_c":1},"tags":{"t":""},"colour":"red"}""");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        string[] expected = ["colour", "device", "fields._c", "fields.a", "fields.b", "tags.t", "timestamp"];
        Assert.Equal(expected, error.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_the_first_100_faults_of_a_batch_are_listed()
    {
        var items = Enumerable.Repeat(Good, 1).Concat(Enumerable.Repeat("""{"device":"d","fields":{"v":null}}""", 150));

        using var response = await PostAsync(Posting.Many, $"[{string.Join(',', items)}]");

        var faults = await response.ShouldBePartialAsync(accepted: 1, rejected: 150);
        Assert.Equal(Enumerable.Range(1, 100), faults.Select(f => f.Index!.Value));
    }

    [Fact]
    public async Task Batch_without_a_good_measurement_is_refused_with_each_fault()
    {
        using var response = await PostAsync(Posting.Many, """[{"fields":{"v":1}},{"device":"d","fields":{}}]""");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal([(0, "device"), (1, "fields")], error.Faults.Select(f => (f.Index!.Value, f.Field)));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public async Task Deep_nesting_is_refused(string opening)
    {
        var deep = string.Concat(Enumerable.Repeat(opening, 100_000));

        using var whole = await PostAsync(Posting.Many, deep);
        await whole.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");

        using var inside = await PostAsync(Posting.Many, $$"""[{"device":"d","fields":{"v":{{deep}}""");
        await inside.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task Byte_order_mark_is_passed_over()
    {
        using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)]);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task Utf16_is_no_json_here()
    {
        using var unmarked = await fixture.Server.Client().PostBytesAsync(Posting.One, Encoding.Unicode.GetBytes(Good));
        await unmarked.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");

        using var declared = await fixture.Server.Client().PostBytesAsync(
            Posting.One, Encoding.Unicode.GetBytes(Good), "application/json; charset=utf-16");
        await declared.ShouldFailAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        var response = await fixture.Server.Client().PostJsonAsync(path, body);
        Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} for {body[..Math.Min(body.Length, 200)]}");
        return response;
    }
}
