using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Devices;

public sealed class DeviceTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Admin => _server.Client(_server.AdminKey);

    [Fact]
    public async Task Device_is_told_with_when_it_was_seen_and_what_it_sends()
    {
        var before = TimeProvider.System.GetUtcNow();
        await PostAsync("""{"device":"told-1","name":"climate","timestamp":5,"tags":{"room":"a"},"fields":{"t":1.5,"door":true,"state":"ok"}}""");
        await PostAsync("""{"device":"told-1","name":"climate","timestamp":6,"tags":{"room":"a"},"fields":{"t":2}}""");
        await PostAsync("""{"device":"told-1","timestamp":7,"fields":{"value":2}}""");

        var device = await GetAsync("/devices/told-1");

        Assert.Equal(("told-1", 3), (device.Text("device"), device.GetProperty("measurements").GetInt64()));
        Assert.InRange(device.GetProperty("firstSeen").GetDateTimeOffset(), before, device.GetProperty("lastSeen").GetDateTimeOffset());
        Assert.InRange(device.GetProperty("lastSeen").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow());
        Assert.Equal(
            """[{"name":"climate","tags":{"room":"a"},"fields":{"door":"boolean","state":"string","t":"number"}},{"name":"telemetry","tags":{},"fields":{"value":"number"}}]""",
            device.GetProperty("series").GetRawText());
        Assert.False(device.GetProperty("hasMoreSeries").GetBoolean());
        var listed = (await GetAsync("/devices?prefix=told-")).GetProperty("items")[0];
        Assert.Equal(["device", "firstSeen", "lastSeen", "measurements"], listed.EnumerateObject().Select(member => member.Name));
        Assert.All(listed.EnumerateObject(), member => Assert.Equal(member.Value.GetRawText(), device.GetProperty(member.Name).GetRawText()));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a/b/c%")]
    [InlineData("50 % of it")]
    [InlineData("gewächshaus:1")]
    public async Task Any_name_of_a_device_is_found(string name)
    {
        await Admin.StoreAsync(name, 1);

        var device = await GetAsync($"/devices/{Uri.EscapeDataString(name)}");

        Assert.Equal(name, device.Text("device"));
        Assert.Single((await GetAsync($"/devices?prefix={Uri.EscapeDataString(name)}")).GetProperty("items").EnumerateArray(), item => item.Text("device") == name);
    }

    [Fact]
    public async Task Own_writes_and_deletions_are_seen_at_once_also_in_cached_answers()
    {
        for (var i = 1; i <= 20; i++)
        {
            await Admin.StoreAsync("fresh", i);
            Assert.Equal(i, (await GetAsync("/devices/fresh")).GetProperty("measurements").GetInt64());
            Assert.Equal(i, (await GetAsync("/devices?prefix=fresh")).GetProperty("items")[0].GetProperty("measurements").GetInt64());
        }

        await (await Admin.DeleteAsync("/measurements?device=fresh", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);

        await (await Admin.GetAsync("/devices/fresh", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        Assert.Empty((await GetAsync("/devices?prefix=fresh")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Answer_has_a_tag_and_is_not_sent_again()
    {
        await Admin.StoreAsync("tagged", 1);
        using var first = await Admin.AskAsync("/devices/tagged");
        using var second = await Admin.AskAsync("/devices/tagged", first.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        await Admin.StoreAsync("tagged", 2);
        using var third = await Admin.AskAsync("/devices/tagged", first.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        for (var i = 0; i < 5; i++)
            await Admin.StoreAsync($"paged-{i}", 1);
        var names = new List<string?>();
        for (string? cursor = null; ;)
        {
            var page = await GetAsync($"/devices?prefix=paged-&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("device")));
            cursor = page.Text("nextCursor");
            Assert.Equal(cursor is not null, page.GetProperty("hasMore").GetBoolean());
            if (cursor is null)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"paged-{i}"), names);
    }

    [Fact]
    public async Task Activity_is_filtered_by_the_time_of_receipt()
    {
        await Admin.StoreAsync("silent", 1);
        var since = Uri.EscapeDataString((await GetAsync("/devices/silent")).Text("lastSeen")!);
        var after = TimeProvider.System.GetUtcNow().AddMilliseconds(1).ToUnixTimeMilliseconds();

        Assert.Single((await GetAsync($"/devices?prefix=silent&activeSince={since}")).GetProperty("items").EnumerateArray());
        Assert.Empty((await GetAsync($"/devices?prefix=silent&inactiveSince={since}")).GetProperty("items").EnumerateArray());
        Assert.Empty((await GetAsync($"/devices?prefix=silent&activeSince={after}")).GetProperty("items").EnumerateArray());
        Assert.Single((await GetAsync($"/devices?prefix=silent&inactiveSince={after}")).GetProperty("items").EnumerateArray());
        Assert.Single((await GetAsync("/devices?prefix=silent&activeSince=-1h")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Only_what_may_be_seen_is_told()
    {
        await Admin.StoreAsync("seen-1", 1);
        await Admin.StoreAsync("unseen-1", 1);
        var limited = await _server.LimitedClientAsync("seen-*", Scopes.MeasurementsRead);

        var page = await limited.GetFromJsonAsync<JsonElement>("/devices", Cancellation);
        Assert.Equal(["seen-1"], page.GetProperty("items").EnumerateArray().Select(item => item.Text("device")));
        await (await limited.GetAsync("/devices/unseen-1", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await limited.GetAsync("/devices/absent", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await limited.GetAsync("/devices/seen-absent", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        var writer = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
        await (await writer.GetAsync("/devices", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        var bound = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead, Buckets = [BucketName.TryParse("own", out _)!] });
        await (await bound.GetAsync("/devices?bucket=default", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        await (await bound.GetAsync("/devices/seen-1?bucket=default", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
    }

    [Fact]
    public async Task Buckets_have_devices_of_their_own()
    {
        await (await Admin.PutAsJsonAsync("/admin/buckets/devices-own", new { }, Cancellation)).ShouldBeAsync(HttpStatusCode.Created);
        await Admin.StoreAsync("bucketed", 1, bucket: "devices-own");

        await (await Admin.GetAsync("/devices/bucketed", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        Assert.Equal("bucketed", (await GetAsync("/devices?bucket=devices-own")).GetProperty("items")[0].Text("device"));
        await (await Admin.GetAsync("/devices?bucket=absent", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("prefix=*")]
    [InlineData("prefix=_x")]
    [InlineData("inactiveSince=yesterday")]
    [InlineData("activeSince=")]
    [InlineData("order=asc")]
    public async Task Faulty_parameter_is_refused(string query) =>
        await (await Admin.GetAsync($"/devices?{query}", Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");

    [Theory]
    [InlineData("cursor=!", "invalid_cursor")]
    [InlineData("cursor=AAAA", "invalid_cursor")]
    public async Task What_is_no_cursor_is_refused(string query, string code) =>
        await (await Admin.GetAsync($"/devices?{query}", Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, code);

    [Theory]
    [InlineData("/devices/%FF")]
    [InlineData("/devices/_reserved")]
    public async Task What_can_be_no_device_is_refused(string address) =>
        await (await Admin.GetAsync(address, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");

    private async Task PostAsync(string body)
    {
        using var response = await Admin.PostJsonAsync(Posting.One, body);
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }

    private async Task<JsonElement> GetAsync(string address)
    {
        using var response = await Admin.GetAsync(address, Cancellation);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
