using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class UsageTests
{
    private const string Batch = """[{ "device": "a", "fields": { "v": 1 } }, { "device": "b", "fields": { "v": 2 } }, { "device": "c", "fields": { } }]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_is_told_by_hour_and_day_and_survives_a_restart()
    {
        using var folder = new TemporaryFolder();
        string key;
        Usage expected;
        await using (var server = await AccessServer.StartAsync(folder.Path))
        {
            key = await server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
            expected = await UseAsync(server.Client(key), HttpStatusCode.MultiStatus);
            await ShouldTellAsync(server, key, expected);
        }

        await using var again = await AccessServer.StartAsync(folder.Path);
        await ShouldTellAsync(again, key, expected);
        expected += await UseAsync(again.Client(key), HttpStatusCode.MultiStatus);
        await ShouldTellAsync(again, key, expected);
    }

    [Fact]
    public async Task Chunked_and_compressed_bodies_count_as_they_came()
    {
        await using var server = await AccessServer.StartAsync();
        var key = await server.AddKeyAsync();
        using var content = new ByteArrayContent(Gzip(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("""{ "device": "a", "fields": { "v": 1 } }""", 100))}]")));
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/measurements") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var response = await server.Client(key).SendAsync(request, Cancel);
        await response.ShouldBeAsync(HttpStatusCode.Created);

        await ShouldTellAsync(server, key, new Usage(1, 100, (await content.ReadAsByteArrayAsync(Cancel)).Length, 0));
    }

    [Fact]
    public async Task Refusals_by_the_rate_limit_count_as_rejected()
    {
        await using var server = await AccessServer.StartAsync(null, "--RateLimits:Tiers:small:Requests=2", "--RateLimits:Tiers:small:WindowSeconds=3600");
        var key = await server.AddKeyAsync(key => key with { Tier = "small" });
        for (var i = 0; i < 5; i++)
            (await server.Client(key).GetAsync("/measurements", Cancel)).Dispose();

        await ShouldTellAsync(server, key, new Usage(5, 0, 0, 3));
    }

    [Fact]
    public async Task Range_is_taken_from_parameters_and_faults_are_told()
    {
        await using var server = await AccessServer.StartAsync();
        var (admin, key) = (server.Client(server.AdminKey), await server.AddKeyAsync());
        (await server.Client(key).GetAsync("/measurements", Cancel)).Dispose();
        await ShouldTellAsync(server, key, new Usage(1, 0, 0, 0));

        var past = await admin.GetFromJsonAsync<JsonElement>($"{PathOf(key)}?from=-90d&to=-2d", Cancel);
        Assert.Equal((0, 0), (past.GetProperty("hours").GetArrayLength(), past.GetProperty("days").GetArrayLength()));
        using var wrong = await admin.GetAsync($"{PathOf(key)}?from=yesterday", Cancel);
        (await wrong.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell("from", "invalid_parameter");
        using var unknown = await admin.GetAsync("/admin/keys/0123456789AB/usage", Cancel);
        await unknown.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Administrator_of_some_devices_sees_the_usage_of_no_key_beyond_them()
    {
        await using var server = await AccessServer.StartAsync();
        var limited = await server.ClientForAsync(key => key with { Devices = [DevicePattern.Parse("greenhouse-*")] });
        var inside = await server.AddKeyAsync(key => key with { Devices = [DevicePattern.Parse("greenhouse-1*")] });
        using var seen = await limited.GetAsync(PathOf(inside), Cancel);
        using var unseen = await limited.GetAsync(PathOf(await server.AddKeyAsync()), Cancel);

        await seen.ShouldBeAsync(HttpStatusCode.OK);
        await unseen.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Last_use_is_kept_at_the_end_at_the_latest()
    {
        using var folder = new TemporaryFolder();
        string key;
        await using (var server = await AccessServer.StartAsync(folder.Path))
        {
            key = await server.AddKeyAsync();
            (await server.Client(key).GetAsync("/measurements", Cancel)).Dispose();
        }

        await using var again = await AccessServer.StartAsync(folder.Path);
        var told = await again.Client(again.AdminKey).GetFromJsonAsync<JsonElement>($"/admin/keys/{IdOf(key)}", Cancel);
        Assert.Equal("127.0.0.1", told.GetProperty("lastUsedFrom").GetString());
        Assert.InRange(told.GetProperty("lastUsedAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-2), TimeProvider.System.GetUtcNow());
    }

    private static async Task<Usage> UseAsync(HttpClient client, HttpStatusCode status)
    {
        using var content = new StringContent(Batch, Encoding.UTF8, "application/json");
        using var stored = await client.PostAsync("/measurements", content, Cancel);
        await stored.ShouldBeAsync(status);
        using var refused = await client.GetAsync("/measurements", Cancel);
        await refused.ShouldBeAsync(HttpStatusCode.Forbidden);
        using var unknown = await client.GetAsync("/nothing", Cancel);
        (await client.GetAsync("/health", Cancel)).Dispose();
        return new Usage(3, 2, Batch.Length, 2);
    }

    // An answer may be read before it is counted; and an hour may end in the middle, so the sum is what counts.
    private static async Task ShouldTellAsync(AccessServer server, string key, Usage expected)
    {
        using var admin = new HttpClient { BaseAddress = server.Url };
        admin.DefaultRequestHeaders.Add("X-API-Key", server.AdminKey);
        var told = (Hours: Usage.None, Days: Usage.None);
        await Eventually.TrueAsync(
            async () =>
            {
                var usage = await admin.GetFromJsonAsync<JsonElement>(PathOf(key), Cancel);
                told = (Sum(usage.GetProperty("hours")), Sum(usage.GetProperty("days")));
                return told == (expected, expected);
            },
            $"{expected} is told",
            TimeSpan.FromSeconds(10));
    }

    private static Usage Sum(JsonElement periods) => periods.EnumerateArray().Aggregate(Usage.None, (sum, period) => sum + new Usage(
        period.GetProperty("requests").GetInt64(),
        period.GetProperty("measurements").GetInt64(),
        period.GetProperty("bytes").GetInt64(),
        period.GetProperty("rejected").GetInt64()));

    private static string PathOf(string key) => $"/admin/keys/{IdOf(key)}/usage";

    private static string IdOf(string key) => key.Split('_')[1];

    private static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    private sealed record Usage(long Requests, long Measurements, long Bytes, long Rejected)
    {
        public static Usage None { get; } = new(0, 0, 0, 0);

        public static Usage operator +(Usage left, Usage right) => new(
            left.Requests + right.Requests, left.Measurements + right.Measurements, left.Bytes + right.Bytes, left.Rejected + right.Rejected);
    }
}
