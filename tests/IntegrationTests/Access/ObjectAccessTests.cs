using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.ApiKeys;
using IotBackend.IntegrationTests.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>OWASP API1:2023, broken object level authorization: a key that is limited to some devices and buckets, at every endpoint of measurements.</summary>
public sealed class ObjectAccessTests : IAsyncLifetime
{
    private const string Own = "greenhouse-1";
    private const string Foreign = "boiler-1";

    private static readonly string[] Reads = ["/measurements", "/measurements/latest"];

    private AccessServer _server = null!;
    private HttpClient _admin = null!;
    private HttpClient _limited = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AccessServer.StartAsync();
        _admin = _server.Client(_server.AdminKey);
        await _admin.CreateBucketAsync("b");
        await _admin.CreateBucketAsync("c");
        foreach (var bucket in new[] { "default", "b", "c" })
        {
            for (var i = 0; i < 3; i++)
            {
                await WriteAsync(_admin, Own, bucket, i);
                await WriteAsync(_admin, Foreign, bucket, i);
            }
        }

        _limited = _server.Client(await LimitedKeyAsync("""["default","b"]""", """["greenhouse-*"]"""));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Nothing_of_another_device_is_read_by_any_way()
    {
        foreach (var path in Reads)
        {
            foreach (var query in new[] { "", "?bucket=b", "?name=telemetry&bucket=default", "?tag.x=y", $"?device={Own}" })
            {
                using var response = await _limited.GetAsync(path + query, Cancelled);
                await response.ShouldBeAsync(HttpStatusCode.OK);
                Assert.DoesNotContain(Foreign, await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            }

            foreach (var query in new[] { $"?device={Foreign}", $"?device={Own}&device={Foreign}", "?device=Greenhouse-1", "?device=greenhouse", $"?device={Foreign}&bucket=b" })
            {
                using var response = await _limited.GetAsync(path + query, Cancelled);
                await response.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
            }
        }
    }

    [Fact]
    public async Task Pages_do_not_tell_that_there_is_more_which_is_not_shown()
    {
        var seen = 0;
        for (string? query = "?limit=1"; query is not null;)
        {
            var page = await _limited.GetFromJsonAsync<JsonElement>("/measurements" + query, Cancelled);
            var item = Assert.Single(page.GetProperty("items").EnumerateArray());
            Assert.Equal(Own, item.GetProperty("device").GetString());
            seen++;
            query = page.GetProperty("hasMore").GetBoolean() ? "?limit=1&cursor=" + page.GetProperty("nextCursor").GetString() : null;
        }

        Assert.Equal(3, seen);
        var none = await _server.Client(await LimitedKeyAsync("[]", """["nobody-*"]""")).GetFromJsonAsync<JsonElement>("/measurements?limit=1", Cancelled);
        Assert.Equal((0, false), (none.GetProperty("items").GetArrayLength(), none.GetProperty("hasMore").GetBoolean()));
    }

    [Fact]
    public async Task Cursor_of_one_key_opens_nothing_for_another()
    {
        var page = await _admin.GetFromJsonAsync<JsonElement>("/measurements?limit=1", Cancelled);
        var cursor = page.GetProperty("nextCursor").GetString();
        using var response = await _limited.GetAsync("/measurements?limit=100&cursor=" + cursor, Cancelled);
        Assert.DoesNotContain(Foreign, await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("boiler-1")]
    [InlineData("boiler-2")]
    [InlineData("greenhouse")]
    [InlineData("Greenhouse-1")]
    [InlineData("ｇreenhouse-1")]
    public async Task Nothing_of_another_device_is_written_alone_or_in_a_batch(string device)
    {
        using var alone = await _limited.PostAsync("/measurement", KeyRequests.Json(Measurement(device, 77)), Cancelled);
        await alone.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        using var batch = await _limited.PostAsync("/measurements", KeyRequests.Json($"[{Measurement(device, 77)},{Measurement(device, 78)}]"), Cancelled);
        await batch.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        using var mixed = await _limited.PostAsync("/measurements?bucket=b", KeyRequests.Json($"[{Measurement(Own, 77)},{Measurement(device, 77)},{Measurement("greenhouse-", 77)}]"), Cancelled);
        var fault = Assert.Single(await mixed.ShouldBePartialAsync(accepted: 2, rejected: 1));
        Assert.Equal((1, "device_not_allowed"), (fault.Index, fault.Code));
        foreach (var bucket in new[] { "default", "b" })
        {
            var stored = await _admin.GetStringAsync($"/measurements?bucket={bucket}&device={Uri.EscapeDataString(device)}&limit=1000", Cancelled);
            Assert.DoesNotContain(":77", stored, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusals_are_the_same_whether_the_device_or_the_bucket_exists()
    {
        await AssertAlikeAsync("device_not_allowed", Foreign, "absent-1", device => $"/measurements?device={device}", device => (device, "default"));
        await AssertAlikeAsync("bucket_not_allowed", "c", "x", bucket => $"/measurements?bucket={bucket}", bucket => (Own, bucket));
    }

    [Fact]
    public async Task Nothing_of_another_bucket_is_read_or_written()
    {
        foreach (var bucket in new[] { "c", "nowhere", "Default", "B" })
        {
            foreach (var path in Reads)
            {
                using var read = await _limited.GetAsync($"{path}?bucket={bucket}", Cancelled);
                await read.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
            }

            using var alone = await _limited.PostAsync($"/measurement?bucket={bucket}", KeyRequests.Json(Measurement(Own, 77)), Cancelled);
            await alone.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
            using var batch = await _limited.PostAsync($"/measurements?bucket={bucket}", KeyRequests.Json($"[{Measurement(Own, 77)}]"), Cancelled);
            await batch.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        }

        Assert.DoesNotContain(":77", await _admin.GetStringAsync("/measurements?bucket=c", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_that_names_no_bucket_is_about_the_only_one_or_refused()
    {
        var one = _server.Client(await LimitedKeyAsync("""["b"]""", "[]"));
        await WriteAsync(one, "only-1", null, 5);
        Assert.Contains("only-1", await _admin.GetStringAsync("/measurements?bucket=b", Cancelled), StringComparison.Ordinal);
        Assert.DoesNotContain("only-1", await _admin.GetStringAsync("/measurements", Cancelled), StringComparison.Ordinal);
        var several = _server.Client(await LimitedKeyAsync("""["b","c"]""", "[]"));
        using var read = await several.GetAsync("/measurements", Cancelled);
        Assert.Contains("?bucket=", (await read.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed")).Message, StringComparison.Ordinal);
        using var written = await several.PostAsync("/measurement", KeyRequests.Json(Measurement("x", 1)), Cancelled);
        await written.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
    }

    [Fact]
    public async Task Limited_administrator_sees_own_buckets_only_and_changes_nothing_that_holds_all_devices()
    {
        var client = await _server.ClientForAsync(key => key with
        {
            Buckets = [BucketName.Default, BucketName.TryParse("b", out _)!],
            Devices = [DevicePattern.Parse("greenhouse-*")],
        });
        Assert.Equal(["b", "default"], (await client.ListBucketsAsync()).Names);
        using var foreign = await client.GetAsync(BucketRequests.AddressOf("c"), Cancelled);
        await foreign.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        using var deleted = await client.DeleteBucketAsync("b", confirm: "b");
        await deleted.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        foreach (var path in new[] { "/admin/spool/refused", "/admin/spool/replay" })
        {
            using var spool = await client.SendAsync(path.EndsWith("replay", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path);
            await spool.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        }
    }

    private async Task AssertAlikeAsync(string code, string existing, string absent, Func<string, string> read, Func<string, (string Device, string Bucket)> write)
    {
        var messages = new List<string>();
        foreach (var name in new[] { existing, absent })
        {
            using var got = await _limited.GetAsync(read(name), Cancelled);
            messages.Add((await got.ShouldFailAsync(HttpStatusCode.Forbidden, code)).Message.Replace($"'{name}'", "it", StringComparison.Ordinal));
            var (device, bucket) = write(name);
            using var posted = await _limited.PostAsync($"/measurement?bucket={bucket}", KeyRequests.Json(Measurement(device, 1)), Cancelled);
            messages.Add((await posted.ShouldFailAsync(HttpStatusCode.Forbidden, code)).Message.Replace($"'{name}'", "it", StringComparison.Ordinal));
        }

        Assert.Single(messages.Distinct());
    }

    private async Task<string> LimitedKeyAsync(string buckets, string devices) => (await _admin.CreateKeyAsync(
        $$"""{"name":"limited","tier":"unlimited","scopes":["measurements:read","measurements:write","measurements:delete"],"buckets":{{buckets}},"devices":{{devices}}}""")).Token;

    private static string Measurement(string device, int value) => $$$"""{"device":"{{{device}}}","fields":{"a":{{{value}}}}}""";

    private static async Task WriteAsync(HttpClient client, string device, string? bucket, int value)
    {
        using var response = await client.PostAsync("/measurement" + (bucket is null ? "" : $"?bucket={bucket}"), KeyRequests.Json(Measurement(device, value)), Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }
}
