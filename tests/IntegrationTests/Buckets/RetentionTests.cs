using System.Globalization;
using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Which times are taken and given, by the clock of the machine.</summary>
public sealed class RetentionTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_older_than_the_bucket_keeps_is_refused_at_the_door()
    {
        await _client.CreateBucketAsync("door", """{ "retentionHours": 2 }""");

        using var kept = await PostAsync("door", TimeSpan.FromHours(-1.9));
        using var old = await PostAsync("door", TimeSpan.FromHours(-2.1));
        using var ancient = await _client.PostJsonAsync($"{Posting.One}?bucket=door", """{ "device": "d", "timestamp": 0, "fields": { "v": 1 } }""");
        using var elsewhere = await PostAsync("default", TimeSpan.FromHours(-2.1));

        await kept.ShouldBeAsync(HttpStatusCode.Created);
        var error = await old.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        error.ShouldTell("timestamp", "beyond_retention");
        Assert.Contains("keeps 2 h", error.Message, StringComparison.Ordinal);
        Assert.All(error.Faults, fault => Assert.Null(fault.Index));
        (await ancient.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("timestamp", "beyond_retention");
        await elsewhere.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task What_lies_ahead_is_refused_unless_it_is_within_ten_minutes()
    {
        using var near = await PostAsync("default", TimeSpan.FromMinutes(9));
        using var far = await PostAsync("default", TimeSpan.FromMinutes(11));

        await near.ShouldBeAsync(HttpStatusCode.Created);
        (await far.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("timestamp", "timestamp_in_future");
    }

    [Fact]
    public async Task How_far_ahead_is_a_setting()
    {
        await using var server = await IotServer.StartAsync(
            new() { Settings = new Dictionary<string, string> { ["Measurements:Limits:MaxFutureMinutes"] = "0.5" } });

        using var near = await server.Client().PostJsonAsync(Posting.One, MeasurementAt(TimeSpan.FromSeconds(15)));
        using var far = await server.Client().PostJsonAsync(Posting.One, MeasurementAt(TimeSpan.FromSeconds(60)));

        await near.ShouldBeAsync(HttpStatusCode.Created);
        (await far.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("timestamp", "timestamp_in_future");
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("150000001")]
    [InlineData("soon")]
    public async Task Setting_out_of_its_range_stops_the_start(string value)
    {
        var settings = new Dictionary<string, string> { ["Measurements:Limits:MaxFutureMinutes"] = value };

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => IotServer.StartAsync(new() { Settings = settings }));

        Assert.Contains("Measurements:Limits:MaxFutureMinutes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_is_stored_without_what_is_too_old_or_lies_ahead()
    {
        await _client.CreateBucketAsync("parts", """{ "retentionHours": 2 }""");
        TimeSpan[] offsets = [TimeSpan.FromHours(-3), TimeSpan.FromHours(-1), TimeSpan.FromHours(1), TimeSpan.FromMinutes(-1)];

        using var partial = await _client.PostJsonAsync($"{Posting.Many}?bucket=parts", $"[{string.Join(',', offsets.Select(MeasurementAt))}]");
        using var none = await _client.PostJsonAsync($"{Posting.Many}?bucket=parts", $"[{MeasurementAt(offsets[0])},{MeasurementAt(offsets[2])}]");

        var faults = await partial.ShouldBePartialAsync(accepted: 2, rejected: 2);
        Assert.Equal(
            [(0, "timestamp", "beyond_retention"), (2, "timestamp", "timestamp_in_future")],
            faults.Select(fault => (fault.Index!.Value, fault.Field, fault.Code)));
        var error = await none.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal([(0, "beyond_retention"), (1, "timestamp_in_future")], error.Faults.Select(fault => (fault.Index!.Value, fault.Code)));
        Assert.Equal(2, await CountAsync("parts"));
    }

    [Fact]
    public async Task Shorter_retention_hides_at_once_what_is_older()
    {
        await _client.CreateBucketAsync("shortened", """{ "retentionHours": 48 }""");
        foreach (var (device, hours) in new[] { ("d", -30), ("d", -1), ("only-old", -30) })
        {
            using var stored = await _client.PostJsonAsync($"{Posting.One}?bucket=shortened", MeasurementAt(TimeSpan.FromHours(hours), device));
            await stored.ShouldBeAsync(HttpStatusCode.Created);
        }

        Assert.Equal((3, 2), (await CountAsync("shortened"), await CountLatestAsync("shortened")));
        using var changed = await _client.PutBucketAsync("shortened", """{ "retentionHours": 24 }""");
        await changed.ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal((1, 1), (await CountAsync("shortened"), await CountLatestAsync("shortened")));
        using var old = await PostAsync("shortened", TimeSpan.FromHours(-30));
        await old.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        using var all = await _client.GetAsync("/measurements?bucket=shortened&from=-40h&to=-30h", Cancel);
        Assert.Equal("""{"items":[],"hasMore":false}""", await all.Content.ReadAsStringAsync(Cancel));
    }

    private Task<HttpResponseMessage> PostAsync(string bucket, TimeSpan offset) =>
        _client.PostJsonAsync($"{Posting.One}?bucket={bucket}", MeasurementAt(offset));

    private async Task<int> CountAsync(string bucket) =>
        await _client.ReadAllAsync($"bucket={bucket}&from=1970-01-01T00:00:00Z", cancellationToken: Cancel).CountAsync(Cancel);

    private async Task<int> CountLatestAsync(string bucket)
    {
        using var response = await _client.GetAsync($"/measurements/latest?bucket={bucket}", Cancel);
        return (await response.ReadJsonAsync()).GetProperty("items").GetArrayLength();
    }

    private static string MeasurementAt(TimeSpan offset) => MeasurementAt(offset, "d");

    private static string MeasurementAt(TimeSpan offset, string device)
    {
        var time = (TimeProvider.System.GetUtcNow() + offset).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return $$"""{ "device": "{{device}}", "timestamp": {{time}}, "fields": { "v": 1 } }""";
    }
}
