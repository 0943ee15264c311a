using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotBackend.Api.Composition;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class TierTests : IAsyncLifetime
{
    private AccessServer _server = null!;
    private HttpClient _admin = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await AccessServer.StartAsync(null, "--RateLimits:Tiers:standard:Requests=50", "--RateLimits:Tiers:standard:WindowSeconds=3600");
        _admin = _server.Client(_server.AdminKey);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Tiers_are_listed_page_by_page()
    {
        (await PutAsync("own", """{ "requests": 5, "measurements": null, "windowSeconds": 10 }""")).Dispose();
        var names = new List<string>();
        var cursor = string.Empty;
        do
        {
            var page = await _admin.GetFromJsonAsync<JsonElement>($"/admin/tiers?limit=2{cursor}", Cancel);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out var next) ? "&cursor=" + next.GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(["own", "premium", "standard", "unlimited"], names);
        Assert.Equal("""{"name":"standard","requests":50,"measurements":10000,"windowSeconds":3600,"burst":0}""", await _admin.GetStringAsync("/admin/tiers/standard", Cancel));
        Assert.Equal("""{"name":"own","requests":5,"measurements":null,"windowSeconds":10,"burst":0}""", await _admin.GetStringAsync("/admin/tiers/own", Cancel));
    }

    [Fact]
    public async Task Tier_is_made_changed_and_deleted()
    {
        using var made = await PutAsync("own", """{ "requests": 5, "measurements": 10, "burst": 3 }""");
        Assert.Equal((HttpStatusCode.Created, "/admin/tiers/own"), (made.StatusCode, made.Headers.Location?.ToString()));

        // What was read can be sent back.
        var read = await _admin.GetStringAsync("/admin/tiers/own", Cancel);
        using var same = await PutAsync("own", read, ("If-Match", made.Headers.ETag!.ToString()));
        Assert.Equal((HttpStatusCode.OK, made.Headers.ETag), (same.StatusCode, same.Headers.ETag));

        using var changed = await PutAsync("own", """{ "requests": 6 }""", ("If-Match", made.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var outdated = await PutAsync("own", """{ "requests": 7 }""", ("If-Match", made.Headers.ETag!.ToString()));
        await outdated.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        using var exists = await PutAsync("own", """{ "requests": 7 }""", ("If-None-Match", "*"));
        await exists.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");

        using var deleted = await _admin.DeleteAsync("/admin/tiers/own", Cancel);
        Assert.Equal("""{"status":"deleted","name":"own"}""", await deleted.Content.ReadAsStringAsync(Cancel));
        using var gone = await _admin.GetAsync("/admin/tiers/own", Cancel);
        await gone.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        using var again = await _admin.DeleteAsync("/admin/tiers/own", Cancel);
        await again.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Built_in_tier_that_is_deleted_goes_back_to_its_configuration()
    {
        using var changed = await PutAsync("standard", """{ "requests": 1 }""");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        var client = await _server.ClientForAsync(key => key with { Tier = "standard" });
        (await client.GetAsync("/measurements", Cancel)).Dispose();
        using var refused = await client.GetAsync("/measurements", Cancel);
        await refused.ShouldFailAsync(HttpStatusCode.TooManyRequests, "rate_limit_exceeded");

        using var reset = await _admin.DeleteAsync("/admin/tiers/standard", Cancel);
        Assert.Equal("""{"status":"reset","name":"standard"}""", await reset.Content.ReadAsStringAsync(Cancel));

        using var granted = await client.GetAsync("/measurements", Cancel);
        await granted.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(50, RateLimitState.Of(granted)!.Tighter.Limit);
    }

    [Fact]
    public async Task Unlimited_can_not_be_given_limits_and_a_tier_in_use_not_be_deleted()
    {
        using var limited = await PutAsync("unlimited", """{ "requests": 1 }""");
        await limited.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");

        (await PutAsync("own", """{ "requests": 5 }""")).Dispose();
        await _server.AddKeyAsync(key => key with { Tier = "own" });
        await _server.AddKeyAsync(key => key with { Tier = "own" });
        using var inUse = await _admin.DeleteAsync("/admin/tiers/own", Cancel);
        var error = await inUse.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        Assert.Equal(2, error.Details!.Value.GetProperty("keys").GetInt32());
    }

    [Theory]
    [InlineData("Own", "{}", "name", "invalid_parameter")]
    [InlineData("o%20wn", "{}", "name", "invalid_parameter")]
    [InlineData("own", """{ "requests": -1 }""", "requests", "number_out_of_range")]
    [InlineData("own", """{ "windowseconds": 5 }""", "windowseconds", "unknown_member")]
    public async Task Faults_are_told(string name, string body, string field, string code)
    {
        using var response = await PutAsync(name, body);
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, code == "invalid_parameter" ? code : "invalid_request");
        error.ShouldTell(field, code);
    }

    [Fact]
    public async Task Name_of_64_characters_is_the_longest()
    {
        using var longest = await PutAsync(new string('a', 64), "{}");
        using var longer = await PutAsync(new string('a', 65), "{}");

        Assert.Equal(HttpStatusCode.Created, longest.StatusCode);
        await longer.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
    }

    [Fact]
    public async Task Only_an_administrator_of_all_sees_and_changes_tiers()
    {
        var reader = await _server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead });
        var bucket = await _server.ClientForAsync(key => key with { Buckets = [BucketName.Default] });
        var devices = await _server.ClientForAsync(key => key with { Devices = [DevicePattern.Parse("greenhouse-*")] });
        foreach (var (client, code) in new[] { (reader, "insufficient_scope"), (bucket, "bucket_not_allowed"), (devices, "device_not_allowed") })
        {
            foreach (var (method, path) in new[] { ("GET", "/admin/tiers"), ("GET", "/admin/tiers/standard"), ("PUT", "/admin/tiers/own"), ("DELETE", "/admin/tiers/standard") })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "PUT" ? JsonContent.Create(new { }) : null };
                using var response = await client.SendAsync(request, Cancel);
                await response.ShouldFailAsync(HttpStatusCode.Forbidden, code);
            }
        }
    }

    [Fact]
    public async Task Changed_tier_holds_at_once_and_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string key;
        await using (var first = await AccessServer.StartAsync(folder.Path))
        {
            key = await first.AddKeyAsync(key => key with { Tier = "own" });
            using var put = await first.Client(first.AdminKey).PutAsJsonAsync("/admin/tiers/own", new { requests = 2, windowSeconds = 3600 }, Cancel);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            using var response = await first.Client(key).GetAsync("/measurements", Cancel);
            Assert.Equal(("own", 2L, 1L), (RateLimitState.Of(response)!.Tier, RateLimitState.Of(response)!.Tighter.Limit, RateLimitState.Of(response)!.Tighter.Remaining));
        }

        await using var second = await AccessServer.StartAsync(folder.Path);
        using var again = await second.Client(key).GetAsync("/measurements", Cancel);
        Assert.Equal(("own", 2L), (RateLimitState.Of(again)!.Tier, RateLimitState.Of(again)!.Tighter.Limit));
    }

    [Fact]
    public async Task Other_node_sees_the_change_within_seconds()
    {
        using var folder = new TemporaryFolder();
        await using var server = await AccessServer.StartAsync(folder.Path);
        var key = await server.AddKeyAsync(key => key with { Tier = "standard" });

        // As another node would write it.
        await server.Services.GetRequiredService<ITierStore>().SaveAsync(Tier.Standard with { Requests = 7 }, null, Cancel);

        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await server.Client(key).GetAsync("/health", Cancel);
                return RateLimitState.Of(response)!.Tighter.Limit == 7;
            },
            "the tier has 7 requests",
            TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Changes_stand_in_the_audit_log()
    {
        (await PutAsync("own", """{ "requests": 5 }""")).Dispose();
        (await PutAsync("own", """{ "requests": 6 }""")).Dispose();
        (await _admin.DeleteAsync("/admin/tiers/own", Cancel)).Dispose();

        await using var context = await _server.Services.GetRequiredService<IDbContextFactory<KeyStoreContext>>().CreateDbContextAsync(Cancel);
        var entries = await context.AuditEntries.Where(entry => entry.ObjectKind == "tier").OrderBy(entry => entry.Id).ToListAsync(Cancel);
        Assert.Equal(["tier.save", "tier.save", "tier.delete"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal(("own", "done"), (entry.ObjectId, entry.Outcome)));
        Assert.Null(entries[0].Before);
        Assert.Contains("\"requests\":5", entries[1].Before, StringComparison.Ordinal);
        Assert.Contains("\"requests\":6", entries[1].After, StringComparison.Ordinal);
        Assert.Null(entries[2].After);
    }

    [Theory]
    [InlineData("--RateLimits:Tiers:own:Request=5", "RateLimits:Tiers:<name>:Request is not a setting")]
    [InlineData("--RateLimits:Tiers:own:Requests=0", "RateLimits:Tiers:own")]
    [InlineData("--RateLimits:Tiers:own:Requests=many", "RateLimits:Tiers:own:Requests")]
    [InlineData("--Usage:HoursKept=5", "Usage:HoursKept is not a setting")]
    public async Task Wrong_setting_stops_the_start_and_is_named(string setting, string told)
    {
        using var folder = new TemporaryFolder();
        await using var app = IotBackendApp.Build([$"--Data:Path={folder.Path}", "--Urls=http://127.0.0.1:0", setting]);

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(Cancel));

        Assert.Contains(told, StartFailure.Describe(exception), StringComparison.Ordinal);
    }

    /// <summary>Neither in a look-up nor in the audit log, whose columns are bounded.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task What_can_be_no_name_is_not_there(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/admin/tiers/{new string('x', 600)}");
        await (await _admin.SendAsync(request, Cancel)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }

    private async Task<HttpResponseMessage> PutAsync(string name, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/admin/tiers/{name}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        return await _admin.SendAsync(request, Cancel);
    }
}
