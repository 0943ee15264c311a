using System.Net;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>What a client sees of aggregates.</summary>
public sealed class AggregateApiTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Day = "from=2020-01-15T00:00:00Z&to=2020-01-16T00:00:00Z";

    private readonly HttpClient _client = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_has_the_shape_of_the_contract()
    {
        await _client.StoreAsync("shape", 1, "2020-01-15T12:00:00Z");
        await _client.StoreAsync("shape", 2, "2020-01-15T12:01:00Z");
        await _client.StoreAsync("shape", 4, "2020-01-15T12:31:00Z");

        Assert.Equal(
            """{"window":"30m","series":[{"device":"shape","name":"telemetry","field":"value","tags":{},"points":[{"timestamp":"2020-01-15T12:00:00Z","max":2,"mean":1.5,"count":2,"stddev":0.7071067811865476},{"timestamp":"2020-01-15T12:30:00Z","max":4,"mean":4,"count":1,"stddev":null}]}]}""",
            await TextAsync($"/measurements?device=shape&{Day}&window=30m&aggregate=max,mean&aggregate=count&aggregate=max,stddev"));
        Assert.Equal(
            """{"window":null,"series":[{"device":"shape","name":"telemetry","field":"value","tags":{},"points":[{"timestamp":"2020-01-15T00:00:00Z","p95":4}]}]}""",
            await TextAsync($"/measurements?device=shape&{Day}&aggregate=p95"));
        Assert.Equal("""{"window":"1d","series":[]}""", await TextAsync($"/measurements?device=unknown&{Day}&window=1d"));
    }

    [Fact]
    public async Task Window_without_an_aggregate_is_a_mean() =>
        Assert.Contains("\"mean\":", await StoredTextAsync("mean", $"{Day}&window=1h"), StringComparison.Ordinal);

    [Theory]
    [InlineData("none", "1,3")]
    [InlineData("null", "null,1,null,3,null")]
    [InlineData("previous", "null,1,1,3,3")]
    [InlineData("linear", "null,1,2,3,null")]
    public async Task Windows_without_values_are_filled_as_it_is_asked(string fill, string expected)
    {
        await _client.StoreAsync("fill", 1, "2020-01-15T12:11:00Z");
        await _client.StoreAsync("fill", 3, "2020-01-15T12:39:00Z");

        using var answer = JsonDocument.Parse(await TextAsync(
            $"/measurements?device=fill&from=2020-01-15T12:05:00Z&to=2020-01-15T12:40:01Z&window=10m&aggregate=mean,count&fill={fill}"));

        var points = answer.RootElement.GetProperty("series")[0].GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(expected, string.Join(',', points.Select(point => point.GetProperty("mean").GetRawText())));
        Assert.Equal(fill == "none" ? "2020-01-15T12:10:00Z" : "2020-01-15T12:00:00Z", points[0].GetProperty("timestamp").GetString());
        if (fill == "null")
            Assert.Equal("0,1,0,1,0", string.Join(',', points.Select(point => point.GetProperty("count").GetRawText())));
    }

    [Theory]
    [InlineData("window=1x", "window")]
    [InlineData("window=0s", "window")]
    [InlineData("window=-1s", "window")]
    [InlineData("window=1.5h", "window")]
    [InlineData("window=", "window")]
    [InlineData("window=99999999999999999999s", "window")]
    [InlineData("window=9999999999w", "window")]
    [InlineData("window=1h&window=1h", "window")]
    [InlineData("aggregate=", "aggregate")]
    [InlineData("aggregate=mean,,max", "aggregate")]
    [InlineData("aggregate=Mean", "aggregate")]
    [InlineData("window=1h&fill=zero", "fill")]
    [InlineData("fill=null", "fill")]
    [InlineData("window=1h&limit=10", "limit")]
    [InlineData("window=1h&order=asc", "order")]
    [InlineData("window=1h&cursor=x", "cursor")]
    [InlineData("window=1h&from=now&to=-1h", "from")]
    public async Task Faults_name_the_parameter(string query, string parameter)
    {
        using var response = await _client.AskAsync($"/measurements?{query}");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        error.ShouldTell(parameter, "invalid_parameter");
    }

    [Fact]
    public async Task Field_that_is_no_number_is_refused_by_its_name()
    {
        using var stored = await _client.PostJsonAsync("/measurement", """{ "device": "words", "name": "words", "timestamp": "2020-01-15T12:00:00Z", "fields": { "state": "ok", "n": 1 } }""");
        await stored.ShouldBeAsync(HttpStatusCode.Created);

        using var response = await _client.AskAsync($"/measurements?device=words&field=state&{Day}&aggregate=max");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "aggregate_needs_numbers");
        Assert.Equal("state", error.Details!.Value.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("none")]
    [InlineData("previous")]
    public async Task Fifty_thousand_points_are_answered_and_one_more_is_refused_with_a_window_that_fits(string fill)
    {
        var start = new DateTimeOffset(2020, 3, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var device = $"many-{fill}";
        var times = fill == "none" ? Enumerable.Range(0, 50_001) : [0, 50_000];
        foreach (var batch in times.Chunk(10_000))
        {
            using var stored = await _client.PostJsonAsync(
                "/measurements", $"[{string.Join(',', batch.Select(i => $$$"""{"device":"{{{device}}}","timestamp":{{{start + (i * 1000L)}}},"fields":{"v":1}}"""))}]");
            await stored.ShouldBeAsync(HttpStatusCode.Created);
        }

        string Address(long seconds, string window) => $"/measurements?device={device}&from={start}&to={start + (seconds * 1000)}&window={window}&fill={fill}";
        Assert.Equal(50_000, Count(await TextAsync(Address(50_000, "1s"))));
        using var response = await _client.AskAsync(Address(50_001, "1s"));
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "result_too_large");
        var window = error.Details!.Value.GetProperty("window").GetString()!;
        Assert.Equal("2s", window);
        Assert.InRange(Count(await TextAsync(Address(50_001, window))), 25_000, 25_001);
    }

    [Fact]
    public async Task Answer_is_cached_until_something_is_written_into_its_range()
    {
        var address = $"/measurements?device=cached&{Day}&window=1h&aggregate=max";
        await _client.StoreAsync("cached", 1);
        using var first = await _client.AskAsync(address);
        using var second = await _client.AskAsync(address);
        using var known = await _client.AskAsync(address, first.Headers.ETag!.Tag);

        await _client.StoreAsync("cached", 7, "2020-01-15T12:30:00Z");
        using var third = await _client.AskAsync(address, first.Headers.ETag!.Tag);

        Assert.Equal("IotBackend; fwd=miss; stored", first.CacheStatus());
        Assert.StartsWith("IotBackend; hit", second.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Contains("\"max\":7", await third.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.NotEqual(first.Headers.ETag, third.Headers.ETag);
    }

    [Fact]
    public async Task Key_of_some_devices_gets_aggregates_of_those_only()
    {
        await _client.StoreAsync("mine-1", 1);
        await _client.StoreAsync("other-1", 2);
        var limited = await fixture.Server.LimitedClientAsync("mine-*", Domain.Access.Scopes.MeasurementsRead);

        using var all = await limited.AskAsync($"/measurements?{Day}&window=1d");
        using var foreign = await limited.AskAsync($"/measurements?device=other-1&{Day}&window=1d");

        var text = await all.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("mine-1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("other-1", text, StringComparison.Ordinal);
        await foreign.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Fact]
    public async Task Aggregates_are_offered_as_json_only()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/measurements?{Day}&window=1h");
        request.Headers.Add("Accept", "text/csv");
        using var response = await _client.SendAsync(request, Cancellation);

        await response.ShouldFailAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
    }

    [Fact]
    public async Task Aggregates_can_be_warmed()
    {
        var address = $"/measurements?device=warm&{Day}&window=1h";
        await _client.StoreAsync("warm", 1);
        using var warmed = await _client.PostJsonAsync("/cache/warm", $$"""{ "queries": ["{{address}}"] }""");

        Assert.Contains("\"warmed\":1", await warmed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var asked = await _client.AskAsync(address);
        Assert.StartsWith("IotBackend; hit", asked.CacheStatus(), StringComparison.Ordinal);
    }

    private static int Count(string answer) => answer.Split("\"timestamp\"").Length - 1;

    private async Task<string> StoredTextAsync(string device, string query)
    {
        await _client.StoreAsync(device, 1);
        return await TextAsync($"/measurements?device={device}&{query}");
    }

    private async Task<string> TextAsync(string address)
    {
        using var response = await _client.AskAsync(address);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }
}
