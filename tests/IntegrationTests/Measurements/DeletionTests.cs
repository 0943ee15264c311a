using System.Net;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

public sealed class DeletionTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Admin => _server.Client(_server.AdminKey);

    [Fact]
    public async Task Dry_run_tells_how_many_and_deletes_none()
    {
        await StoreDayAsync("dry");

        Assert.Equal("""{"status":"dryRun","matched":3}""", await DeletedAsync("device=dry&dryRun=true"));

        Assert.Equal([3, 2, 1], await ValuesAsync("dry"));
        Assert.Empty(await Admin.AuditAsync("?action=measurements.delete&objectId=dry"));
    }

    [Fact]
    public async Task Deletes_from_the_start_of_the_range_to_before_its_end()
    {
        await StoreDayAsync("range");

        Assert.Equal("""{"status":"deleted","deleted":1}""", await DeletedAsync("device=range&from=2020-01-15T02:00:00Z&to=2020-01-15T03:00:00Z&dryRun=false"));

        Assert.Equal([3, 1], await ValuesAsync("range"));
    }

    [Theory]
    [InlineData("&to=2020-01-15T02:00:00Z", 3, 2)]
    [InlineData("&from=2020-01-15T02:00:00Z", 1)]
    [InlineData("&from=2020-01-15T02:00:00Z&to=2020-01-15T02:00:00Z", 3, 2, 1)]
    [InlineData("")]
    public async Task End_of_the_range_that_is_not_told_is_open(string range, params int[] left)
    {
        var device = $"open-{Guid.NewGuid():N}";
        await StoreDayAsync(device);

        Assert.Equal($$"""{"status":"deleted","deleted":{{3 - left.Length}}}""", await DeletedAsync($"device={device}{range}"));

        Assert.Equal(left, await ValuesAsync(device));
    }

    [Fact]
    public async Task Nothing_matched_is_nothing_deleted() =>
        Assert.Equal("""{"status":"deleted","deleted":0}""", await DeletedAsync("device=never-seen"));

    [Fact]
    public async Task Deletes_by_name_field_and_tag_and_leaves_the_rest()
    {
        foreach (var (name, tag) in new[] { ("a", "x"), ("a", "y"), ("b", "x") })
        {
            using var stored = await Admin.PostJsonAsync(
                Posting.One, $$$"""{"device":"parts","name":"{{{name}}}","timestamp":1,"tags":{"t":"{{{tag}}}"},"fields":{"value":1,"other":2}}""");
            await stored.ShouldBeAsync(HttpStatusCode.Created);
        }

        Assert.Equal("""{"status":"deleted","deleted":1}""", await DeletedAsync("device=parts&name=a&field=value&tag.t=x"));

        using var document = JsonDocument.Parse(await Admin.GetStringAsync("/measurements?device=parts&from=0&to=10&order=asc", Cancellation));
        Assert.Equal(
            ["""{"other":2,"value":1}""", """{"other":2,"value":1}""", """{"other":2}"""],
            document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("fields").GetRawText()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cached_answers_and_latest_values_are_without_it_at_once()
    {
        await StoreDayAsync("cached");
        var addresses = new[] { $"/measurements?device=cached&{CachingSteps.Closed}", $"/measurements?{CachingSteps.Closed}&limit=1000", "/measurements/latest?device=cached" };
        foreach (var address in addresses.Concat(addresses))
            Assert.Contains("cached", await Admin.GetStringAsync(address, Cancellation), StringComparison.Ordinal);

        await DeletedAsync("device=cached");

        foreach (var address in addresses)
            Assert.DoesNotContain("\"cached\"", await Admin.GetStringAsync(address, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletion_stands_in_the_audit_log_with_who_what_and_how_many()
    {
        await StoreDayAsync("audited");
        var key = await _server.AddKeyAsync(key => key with { Name = "cleaner", Scopes = Scopes.MeasurementsDelete });
        using (var deleted = await _server.Client(key).DeleteAsync("/measurements?device=audited&name=telemetry&field=value&tag.t=1&from=2020-01-15T01:00:00Z", Cancellation))
            await deleted.ShouldBeAsync(HttpStatusCode.OK);
        using (var deleted = await _server.Client(key).DeleteAsync("/measurements?device=audited&to=2020-01-15T03:00:00Z", Cancellation))
            await deleted.ShouldBeAsync(HttpStatusCode.OK);

        var entries = await Admin.AuditAsync("?action=measurements.delete&object=measurements&objectId=audited");
        Assert.Equal(
            [
                """{"bucket":"default","devices":["audited"],"names":[],"fields":[],"tags":[],"from":null,"to":"2020-01-15T03:00:00Z","matched":2}""",
                """{"bucket":"default","devices":["audited"],"names":["telemetry"],"fields":["value"],"tags":["t=1"],"from":"2020-01-15T01:00:00Z","to":null,"matched":0}""",
            ],
            entries.Select(entry => entry.GetProperty("before").GetRawText()));
        Assert.All(entries, entry => Assert.Equal(("done", "cleaner", key[4..16]), (entry.Text("outcome"), entry.Text("actor", "name"), entry.Text("actor", "id"))));
    }

    [Fact]
    public async Task Deletion_that_fails_stands_in_the_audit_log_with_what_was_asked()
    {
        using (var failed = await Admin.DeleteAsync("/measurements?device=failed&bucket=absent", Cancellation))
            await failed.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");

        var entry = (await Admin.AuditAsync("?action=measurements.delete&objectId=failed")).Single();
        Assert.Equal("bucket_not_found", entry.Text("outcome"));
        Assert.Equal("absent", entry.Text("before", "bucket"));
    }

    [Theory]
    [InlineData("", "device")]
    [InlineData("device=", "device")]
    [InlineData("device=d&from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z", "from")]
    [InlineData("device=d&from=yesterday", "from")]
    [InlineData("device=d&dryRun=yes", "dryRun")]
    [InlineData("device=d&dryRun", "dryRun")]
    [InlineData("device=d&dryrun=true", "dryrun")]
    [InlineData("device=d&limit=1", "limit")]
    [InlineData("device=d&to=now&to=now", "to")]
    public async Task Faulty_parameter_is_refused(string query, string field)
    {
        var error = await (await Admin.DeleteAsync($"/measurements?{query}", Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        Assert.Contains(error.Faults, fault => fault.Field == field);
    }

    [Fact]
    public async Task Fifty_devices_are_taken_and_one_more_is_refused()
    {
        var devices = string.Join('&', Enumerable.Range(0, 50).Select(i => $"device=many-{i}"));
        Assert.Equal("""{"status":"dryRun","matched":0}""", await DeletedAsync($"{devices}&dryRun=true"));
        await (await Admin.DeleteAsync($"/measurements?{devices}&device=many-50&dryRun=true", Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_is_refused(bool hasLength)
    {
        await StoreDayAsync("bodily");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/measurements?device=bodily") { Content = new StringContent("{}") };
        request.Headers.TransferEncodingChunked = !hasLength;

        await (await Admin.SendAsync(request, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");

        Assert.Equal(3, (await ValuesAsync("bodily")).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_takes_the_scope_and_the_devices_and_the_bucket(bool isDryRun)
    {
        var query = $"dryRun={(isDryRun ? "true" : "false")}&device=greenhouse-1";
        var unscoped = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead | Scopes.MeasurementsWrite });
        await (await unscoped.DeleteAsync($"/measurements?{query}", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");

        var limited = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsDelete, Devices = [DevicePattern.Parse("greenhouse-*")] });
        await (await limited.DeleteAsync($"/measurements?{query}&device=other", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await limited.DeleteAsync($"/measurements?{query}", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);

        var bound = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsDelete, Buckets = [BucketName.TryParse("own", out _)!] });
        await (await bound.DeleteAsync($"/measurements?{query}&bucket=default", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
    }

    private async Task<string> DeletedAsync(string query)
    {
        using var response = await Admin.DeleteAsync($"/measurements?{query}", Cancellation);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task StoreDayAsync(string device)
    {
        for (var hour = 1; hour <= 3; hour++)
            await Admin.StoreAsync(device, hour, $"2020-01-15T0{hour}:00:00Z");
    }

    private async Task<IReadOnlyList<int>> ValuesAsync(string device)
    {
        using var response = await Admin.AskAsync($"/measurements?device={device}&{CachingSteps.Closed}");
        return await response.ValuesAsync();
    }
}
