using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class AuthorizationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Scopes.MeasurementsWrite, null)]
    [InlineData(Scopes.Admin, null)]
    [InlineData(Scopes.MeasurementsRead, "measurements:write")]
    [InlineData(Scopes.MeasurementsRead | Scopes.MeasurementsDelete | Scopes.CacheManage | Scopes.MetricsRead, "measurements:write")]
    [InlineData(Scopes.None, "measurements:write")]
    public async Task Writing_takes_its_scope(Scopes scopes, string? missing)
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = scopes });
        await ShouldTakeScope(await Post(client, "scoped-1"), HttpStatusCode.Created, missing);
    }

    [Theory]
    [InlineData("/measurements", Scopes.MeasurementsRead, null)]
    [InlineData("/measurements", Scopes.Admin, null)]
    [InlineData("/measurements", Scopes.MeasurementsWrite | Scopes.MeasurementsDelete, "measurements:read")]
    [InlineData("/measurements/latest", Scopes.MeasurementsRead, null)]
    [InlineData("/measurements/latest", Scopes.MeasurementsWrite, "measurements:read")]
    public async Task Reading_takes_its_scope(string path, Scopes scopes, string? missing)
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = scopes });
        await ShouldTakeScope(await client.GetAsync(path, Cancellation), HttpStatusCode.OK, missing);
    }

    [Fact]
    public async Task Missing_scope_is_told_before_faults_of_the_body()
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead });
        var response = await client.PostAsJsonAsync("/measurement", new { nonsense = true }, Cancellation);
        await response.ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
    }

    [Fact]
    public async Task Key_with_buckets_neither_writes_nor_reads_another()
    {
        var client = await _server.ClientForAsync(key => key with { Buckets = [BucketName.Default] });
        await (await Post(client, "bucketed-1")).ShouldBeAsync(HttpStatusCode.Created);
        await (await Post(client, "bucketed-1", "?bucket=other")).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        foreach (var path in new[] { "/measurements", "/measurements/latest" })
        {
            await (await client.GetAsync(path, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
            await (await client.GetAsync(path + "?bucket=other", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        }
    }

    [Theory]
    [InlineData("limited-exact", true)]
    [InlineData("limited-exact-2", false)]
    [InlineData("limited-house-", true)]
    [InlineData("limited-house-12", true)]
    [InlineData("limited-house", false)]
    [InlineData("LIMITED-HOUSE-12", false)]
    [InlineData("other", false)]
    public async Task Key_with_devices_writes_and_reads_these_only(string device, bool isAllowed)
    {
        await (await Post(_server.Client(_server.AdminKey), device)).ShouldBeAsync(HttpStatusCode.Created);
        var client = await LimitedAsync();
        await ShouldAllow(await Post(client, device), HttpStatusCode.Created, isAllowed);
        foreach (var path in new[] { "/measurements", "/measurements/latest" })
            await ShouldAllow(await client.GetAsync($"{path}?device={device}", Cancellation), HttpStatusCode.OK, isAllowed);
    }

    [Fact]
    public async Task Key_with_devices_is_shown_no_other_device()
    {
        await (await Post(_server.Client(_server.AdminKey), "hidden-1")).ShouldBeAsync(HttpStatusCode.Created);
        await (await Post(_server.Client(_server.AdminKey), "limited-house-1")).ShouldBeAsync(HttpStatusCode.Created);
        var client = await LimitedAsync();
        foreach (var path in new[] { "/measurements?limit=10000", "/measurements/latest" })
        {
            var page = await client.GetFromJsonAsync<JsonElement>(path, Cancellation);
            var devices = page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("device").GetString()!).ToList();
            Assert.Contains("limited-house-1", devices);
            Assert.All(devices, device => Assert.StartsWith("limited-", device, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Refusal_tells_nothing_about_whether_a_device_exists()
    {
        await (await Post(_server.Client(_server.AdminKey), "secret-12345")).ShouldBeAsync(HttpStatusCode.Created);
        var client = await LimitedAsync();
        var messages = new List<string>();
        foreach (var device in new[] { "secret-12345", "absent-12345" })
        {
            foreach (var response in new[] { await Post(client, device), await client.GetAsync($"/measurements?device={device}", Cancellation) })
            {
                var error = await response.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
                messages.Add(error.Message.Replace(device, "*", StringComparison.Ordinal));
            }
        }

        Assert.Single(messages.Distinct());
    }

    [Fact]
    public async Task Batch_stores_what_is_allowed_and_tells_what_is_not()
    {
        var client = await LimitedAsync();
        var response = await client.PostAsJsonAsync(
            "/measurements", new[] { "limited-house-7", "other-7" }.Select(Measurement), Cancellation);
        await response.ShouldBeAsync(HttpStatusCode.MultiStatus);
        var error = Assert.Single((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("errors").EnumerateArray());
        Assert.Equal((1, "device_not_allowed"), (error.GetProperty("index").GetInt32(), error.GetProperty("code").GetString()));
    }

    private Task<HttpClient> LimitedAsync() => _server.ClientForAsync(key => key with
    {
        Scopes = Scopes.MeasurementsRead | Scopes.MeasurementsWrite,
        Devices = [DevicePattern.Parse("limited-exact"), DevicePattern.Parse("limited-house-*")],
    });

    private static object Measurement(string device) => new { device, fields = new { temperature = 21.4 } };

    private static Task<HttpResponseMessage> Post(HttpClient client, string device, string query = "") =>
        client.PostAsJsonAsync("/measurement" + query, Measurement(device), Cancellation);

    private static async Task ShouldAllow(HttpResponseMessage response, HttpStatusCode allowed, bool isAllowed)
    {
        if (isAllowed)
            await response.ShouldBeAsync(allowed);
        else
            await response.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    private static async Task ShouldTakeScope(HttpResponseMessage response, HttpStatusCode allowed, string? missing)
    {
        if (missing is null)
        {
            await response.ShouldBeAsync(allowed);
            return;
        }

        var error = await response.ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        Assert.Equal(missing, error.Details?.GetProperty("requiredScope").GetString());
    }
}
