using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Every limit of the contract, at N and at N + 1.</summary>
public sealed class LimitTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private const int MeasurementBytes = 64 << 10;
    private const int BatchBytes = 8 << 20;
    private const int BatchMeasurements = 10_000;
    private const int Fields = 256;
    private const int Tags = 32;
    private const int Identifier = 128;
    private const int TagValue = 256;
    private const int Text = 1024;

    /// <summary>One, two, three bytes of UTF-8 a character, and four, which are two in UTF-16.</summary>
    public static TheoryData<string> Letters => ["a", "ö", "温", "𐎀"];

    /// <summary>What is counted as one character though it takes four bytes and two UTF-16 units.</summary>
    public static TheoryData<string> Characters => ["x", "é", "中", "😀"];

    [Theory]
    [MemberData(nameof(Letters))]
    public async Task Identifiers_have_at_most_128_characters(string letter)
    {
        foreach (var (template, field) in new[]
        {
            ("""{"device":"@","fields":{"v":1}}""", "device"),
            ("""{"device":"d","name":"@","fields":{"v":1}}""", "name"),
            ("""{"device":"d","fields":{"@":1}}""", "fields."),
            ("""{"device":"d","fields":{"v":1},"tags":{"@":"x"}}""", "tags."),
        })
        {
            await AssertLimitAsync(n => template.Replace("@", Repeat(letter, n), StringComparison.Ordinal), Identifier, field, "invalid_identifier");
        }
    }

    [Theory]
    [MemberData(nameof(Characters))]
    public async Task Tag_values_have_at_most_256_characters(string character) =>
        await AssertLimitAsync(
            n => $$$"""{"device":"d","fields":{"v":1},"tags":{"t":"{{{Repeat(character, n)}}}"}}""", TagValue, "tags.t", "invalid_tag_value");

    [Theory]
    [MemberData(nameof(Characters))]
    public async Task Texts_have_at_most_1024_characters(string character) =>
        await AssertLimitAsync(n => $$$"""{"device":"d","fields":{"s":"{{{Repeat(character, n)}}}"}}""", Text, "fields.s", "text_too_long");

    [Fact]
    public async Task Characters_are_counted_when_they_are_escaped_too() =>
        await AssertLimitAsync(n => $$$"""{"device":"d","fields":{"s":"{{{Repeat(@"\ud83d\ude00", n)}}}"}}""", Text, "fields.s", "text_too_long");

    [Fact]
    public async Task Measurement_has_at_most_256_fields() =>
        await AssertLimitAsync(n => $$$"""{"device":"d","fields":{{{{Members(n, "1")}}}}}""", Fields, "fields", "too_many_fields");

    [Fact]
    public async Task Measurement_has_at_most_32_tags() =>
        await AssertLimitAsync(n => $$$"""{"device":"d","fields":{"v":1},"tags":{{{{Members(n, "\"x\"")}}}}}""", Tags, "tags", "too_many_tags");

    [Fact]
    public async Task Integers_are_taken_as_far_as_a_float_holds_each_of_them()
    {
        await AssertStoredAsync(Posting.One, """{"device":"d","fields":{"v":9007199254740992}}""");
        await AssertStoredAsync(Posting.One, """{"device":"d","fields":{"v":-9007199254740992}}""");
        await AssertStoredAsync(Posting.One, """{"device":"d","fields":{"v":18446744073709551616}}""");
        await AssertFaultAsync("""{"device":"d","fields":{"v":9007199254740993}}""", "fields.v", "integer_out_of_range");
    }

    [Fact]
    public async Task Numbers_are_taken_up_to_the_largest_float()
    {
        await AssertStoredAsync(Posting.One, """{"device":"d","fields":{"v":1.7976931348623157e308}}""");
        await AssertFaultAsync("""{"device":"d","fields":{"v":1.7976931348623159e308}}""", "fields.v", "number_out_of_range");
    }

    [Fact]
    public async Task Times_are_taken_as_far_as_nanoseconds_reach()
    {
        var settings = new Dictionary<string, string> { ["Measurements:Limits:MaxFutureMinutes"] = "150000000" };
        await using var server = await IotServer.StartAsync(new() { Settings = settings });
        foreach (var (last, beyond) in new[]
        {
            ("\"2262-04-11T23:47:16.854775806Z\"", "\"2262-04-11T23:47:16.854775807Z\""),
            ("\"1677-09-21T00:12:43.145224192Z\"", "\"1677-09-21T00:12:43.145224191Z\""),
            ("9223372036854", "9223372036855"),
            ("-9223372036854", "-9223372036855"),
        })
        {
            using var stored = await server.Client().PostJsonAsync(Posting.One, $$$"""{"device":"d","timestamp":{{{last}}},"fields":{"v":1}}""");
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            await AssertFaultAsync($$$"""{"device":"d","timestamp":{{{beyond}}},"fields":{"v":1}}""", "timestamp", "timestamp_out_of_range");
        }
    }

    [Fact]
    public async Task Body_of_a_measurement_has_at_most_64_KiB()
    {
        const string measurement = """{"device":"d","fields":{"v":1}}""";
        await AssertStoredAsync(Posting.One, measurement.PadRight(MeasurementBytes));

        using var response = await fixture.Server.Client().PostJsonAsync(Posting.One, measurement.PadRight(MeasurementBytes + 1));
        await response.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Fact]
    public async Task Body_of_a_batch_has_at_most_8_MiB()
    {
        const string batch = """[{"device":"d","fields":{"v":1}}]""";
        await AssertStoredAsync(Posting.Many, batch.PadRight(BatchBytes));

        using var response = await fixture.Server.Client().PostJsonAsync(Posting.Many, batch.PadRight(BatchBytes + 1));
        await response.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
    }

    [Fact]
    public async Task Batch_has_at_most_10_000_measurements_and_one_more_stores_nothing()
    {
        await AssertStoredAsync(Posting.Many, Batch("at-the-limit", BatchMeasurements));

        using var response = await fixture.Server.Client().PostJsonAsync(Posting.Many, Batch("beyond-the-limit", BatchMeasurements + 1));
        await response.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
        Assert.Equal(BatchMeasurements, await CountAsync("at-the-limit"));
        Assert.Equal(0, await CountAsync("beyond-the-limit"));
    }

    [Fact]
    public async Task String_of_10_MB_is_refused_by_the_size_of_its_body()
    {
        var body = $$$"""{"device":"d","fields":{"s":"{{{new string('x', 10_000_000)}}}"}}""";

        using var one = await fixture.Server.Client().PostJsonAsync(Posting.One, body);
        await one.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        using var many = await fixture.Server.Client().PostJsonAsync(Posting.Many, $"[{body}]");
        await many.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
    }

    [Fact]
    public async Task Strings_of_some_MB_within_a_batch_are_refused_by_themselves()
    {
        var text = new string('x', 7_000_000);
        foreach (var (body, field, code) in new[]
        {
            ($$$"""{"device":"d","fields":{"s":"{{{text}}}"}}""", "fields.s", "text_too_long"),
            ($$$"""{"device":"{{{text}}}","fields":{"v":1}}""", "device", "invalid_identifier"),
            ($$$"""{"device":"d","fields":{"v":1},"tags":{"t":"{{{text}}}"}}""", "tags.t", "invalid_tag_value"),
        })
        {
            using var response = await fixture.Server.Client().PostJsonAsync(Posting.Many, $"[{body}]");
            (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(field, code);
        }
    }

    private async Task AssertLimitAsync(Func<int, string> bodyOf, int limit, string field, string code)
    {
        await AssertStoredAsync(Posting.One, bodyOf(limit));
        await AssertFaultAsync(bodyOf(limit + 1), field, code);
    }

    private async Task AssertStoredAsync(string path, string body)
    {
        using var response = await fixture.Server.Client().PostJsonAsync(path, body);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode} {answer} for {body[..Math.Min(body.Length, 300)]}");
    }

    /// <param name="body">A measurement.</param>
    /// <param name="field">The member's whole path, or its beginning when it ends with a dot.</param>
    /// <param name="code">The fault's code.</param>
    private async Task AssertFaultAsync(string body, string field, string code)
    {
        using var response = await fixture.Server.Client().PostJsonAsync(Posting.One, body);
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains(error.Faults, f => f.Code == code && (f.Field == field || (field.EndsWith('.') && f.Field!.StartsWith(field, StringComparison.Ordinal))));
    }

    private async Task<int> CountAsync(string device) => await fixture.Server.Client()
        .ReadAllAsync($"device={device}&from=1970-01-01T00:00:00Z", cancellationToken: TestContext.Current.CancellationToken)
        .CountAsync(TestContext.Current.CancellationToken);

    private static string Batch(string device, int count)
    {
        var body = new StringBuilder("[");
        for (var i = 0; i < count; i++)
            body.Append(i == 0 ? "" : ",").Append($$$"""{"device":"{{{device}}}","timestamp":{{{i}}},"fields":{"v":{{{i}}}}}""");
        return body.Append(']').ToString();
    }

    private static string Members(int count, string value) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"m{i}\":{value}"));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
