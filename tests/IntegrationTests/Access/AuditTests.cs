using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Application.Access.Audit;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class AuditTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Admin => _server.Client(_server.AdminKey);

    [Fact]
    public async Task Administrative_acts_stand_there_with_who_what_from_where_before_and_after()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/admin/buckets/audited") { Content = JsonContent.Create(new { description = "one", retentionHours = 24 }) };
        request.Headers.Add("X-Request-ID", "my-request");
        await (await Admin.SendAsync(request, Cancellation)).ShouldBeAsync(HttpStatusCode.Created);
        await (await Admin.PutAsJsonAsync("/admin/buckets/audited", new { description = "two", retentionHours = 48 }, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await Admin.DeleteAsync("/admin/buckets/audited?confirm=audited", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);

        var entries = await Admin.AuditAsync("?object=bucket&objectId=audited");
        Assert.Equal(["bucket.delete", "bucket.save", "bucket.save"], entries.Select(entry => entry.Text("action")));
        Assert.All(entries, entry =>
        {
            Assert.Equal(("done", "127.0.0.1"), (entry.Text("outcome"), entry.Text("address")));
            Assert.Equal((_server.AdminKey[4..16], "admin"), (entry.Text("actor", "id"), entry.Text("actor", "name")));
            Assert.Equal(("bucket", "audited", 1), (entry.Text("object", "kind"), entry.Text("object", "id"), entry.GetProperty("count").GetInt32()));
        });
        Assert.Equal("my-request", entries[2].Text("requestId"));
        Assert.False(entries[2].TryGetProperty("before", out _));
        Assert.Equal("{\"description\":\"one\",\"retentionHours\":24}", entries[2].GetProperty("after").GetRawText());
        Assert.Equal("{\"description\":\"one\",\"retentionHours\":24}", entries[1].GetProperty("before").GetRawText());
        Assert.Equal("{\"description\":\"two\",\"retentionHours\":48}", entries[0].GetProperty("before").GetRawText());
        Assert.False(entries[0].TryGetProperty("after", out _));
    }

    [Fact]
    public async Task What_fails_stands_there_with_its_code()
    {
        await (await Admin.DeleteAsync("/admin/buckets/absent?confirm=absent", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        await (await Admin.PostAsync("/admin/spool/replay", null, Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        await (await Admin.DeleteAsync("/admin/spool/refused/7", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");

        Assert.Equal("bucket_not_found", (await Admin.AuditAsync("?action=bucket.delete&objectId=absent")).Single().Text("outcome"));
        Assert.Equal("not_found", (await Admin.AuditAsync("?action=spool.replay")).Single().Text("outcome"));
        Assert.Equal("7", (await Admin.AuditAsync("?action=spool.discard")).Single().Text("object", "id"));
        Assert.Contains(_server.LogLines, line => line.StartsWith("Warning bucket.delete: bucket_not_found (bucket absent)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task First_admin_key_stands_there()
    {
        var entry = (await Admin.AuditAsync($"?action=key.create&objectId={_server.AdminKey[4..16]}")).Single();
        Assert.Equal("done", entry.Text("outcome"));
        Assert.False(entry.TryGetProperty("actor", out _));
    }

    [Fact]
    public async Task Failed_authentication_is_told_with_its_reason_and_never_with_what_was_presented()
    {
        var (active, unknown) = (await _server.AddKeyAsync(), AccessServer.NewToken());
        var revoked = await _server.AddKeyAsync(key => key with { RevokedAt = key.CreatedAt });
        var expired = await _server.AddKeyAsync(key => key with { ExpiresAt = key.CreatedAt.AddSeconds(-1) });
        var elsewhere = await _server.AddKeyAsync(key => key with { Networks = [IPNetwork.Parse("192.0.2.0/24")] });
        var wrong = AccessServer.WithOtherSecret(active);
        var attempts = new[] { ("127.1.1.1", "hunter2"), ("127.1.1.2", unknown), ("127.1.1.3", wrong), ("127.1.1.4", revoked), ("127.1.1.5", expired), ("127.1.1.6", elsewhere) };
        foreach (var (address, key) in attempts)
        {
            for (var i = 0; i < 2; i++)
                Assert.False((await _server.ClientFrom(address, key).GetAsync("/measurements", Cancellation)).IsSuccessStatusCode);
        }

        var told = new Dictionary<string, (string?, string?)>();
        foreach (var (address, _) in attempts)
        {
            var entry = (await Admin.AuditAsync($"?address={address}", 1)).Single();
            told[address] = (entry.Text("outcome"), entry.Text("object", "id"));
            Assert.Equal("authentication.fail", entry.Text("action"));
        }

        Assert.Equal(("malformed_key", null), told["127.1.1.1"]);
        Assert.Equal(("unknown_key", null), told["127.1.1.2"]);
        Assert.Equal(("wrong_secret", active[4..16]), told["127.1.1.3"]);
        Assert.Equal(("revoked_key", revoked[4..16]), told["127.1.1.4"]);
        Assert.Equal(("expired_key", expired[4..16]), told["127.1.1.5"]);
        Assert.Equal(("network_not_allowed", elsewhere[4..16]), told["127.1.1.6"]);
        var all = await Admin.GetStringAsync("/admin/audit?limit=1000", Cancellation);
        foreach (var (_, key) in attempts)
            Assert.DoesNotContain(key, all, StringComparison.Ordinal);
        Assert.DoesNotContain(unknown[4..16], all, StringComparison.Ordinal);
        Assert.Contains(_server.LogLines, line => line.StartsWith("Warning authentication.fail: wrong_secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_administration_and_keys_in_urls_are_told()
    {
        var low = await _server.AddKeyAsync(key => key with { Name = "low", Scopes = Scopes.MeasurementsRead });
        var limited = await _server.AddKeyAsync(key => key with { Buckets = [BucketName.Default] });
        await (await _server.Client(low).GetAsync("/admin/blocks", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        await (await _server.Client(limited).GetAsync("/admin/audit", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        await (await _server.ClientFrom("127.1.2.1").GetAsync("/measurements?token=" + low, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "credentials_in_url");

        var first = (await Admin.AuditAsync($"?action=access.refuse&actor={low[4..16]}", 1)).Single();
        Assert.Equal(("insufficient_scope", "low", "ListBlocks"), (first.Text("outcome"), first.Text("actor", "name"), first.Text("object", "id")));
        Assert.Equal("bucket_not_allowed", (await Admin.AuditAsync($"?actor={limited[4..16]}", 1)).Single().Text("outcome"));
        Assert.Equal("credentials_in_url", (await Admin.AuditAsync("?action=credentials.expose&address=127.1.2.1", 1)).Single().Text("outcome"));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        for (var i = 0; i < 7; i++)
            await Admin.DeleteAsync($"/admin/buckets/paged-{i}?confirm=paged-{i}", Cancellation);
        var seen = new List<string?>();
        for (string? cursor = null; ;)
        {
            var page = await Admin.GetFromJsonAsync<JsonElement>($"/admin/audit?action=bucket.delete&limit=3{(cursor is null ? "" : "&cursor=" + cursor)}", Cancellation);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => entry.Text("object", "id")));
            if (!page.GetProperty("hasMore").GetBoolean())
                break;
            cursor = page.Text("nextCursor");
        }

        Assert.Equal(["paged-6", "paged-5", "paged-4", "paged-3", "paged-2", "paged-1", "paged-0"], seen.Where(id => id!.StartsWith("paged-", StringComparison.Ordinal)));
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Empty(await Admin.AuditAsync("?action=bucket.delete&to=-1h"));
        Assert.Empty(await Admin.AuditAsync("?action=bucket.delete&from=2099-01-01T00:00:00Z"));
        Assert.NotEmpty(await Admin.AuditAsync("?action=bucket.delete&from=-1h&to=now"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("from=yesterday", "from")]
    [InlineData("address=somewhere", "address")]
    [InlineData("actor=", "actor")]
    [InlineData("action=a%00b", "action")]
    [InlineData("who=me", "who")]
    public async Task Wrong_filters_are_told(string query, string parameter) =>
        (await (await Admin.GetAsync("/admin/audit?" + query, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter"))
            .ShouldTell(parameter, "invalid_parameter");

    [Fact]
    public async Task Entries_are_removed_when_their_time_is_over()
    {
        var folder = Directory.CreateTempSubdirectory("iotbackend-audit-").FullName;
        try
        {
            await using (var server = await AccessServer.StartAsync(folder))
            {
                var old = new AuditEntry { Time = TimeProvider.System.GetUtcNow().AddDays(-2), Action = "old.act" };
                await server.Services.GetRequiredService<IAuditLog>().AddAsync([.. Enumerable.Repeat(old, 1_200)], Cancellation);
                Assert.Equal(1_000, (await server.Client(server.AdminKey).AuditAsync("?action=old.act&limit=1000")).Count);
            }

            await using var next = await AccessServer.StartAsync(folder, "--Audit:RetentionDays=1");
            var admin = next.Client(next.AdminKey);
            await Eventually.TrueAsync(async () => (await admin.AuditAsync("?action=old.act")).Count == 0, "old entries are removed");
            Assert.NotEmpty(await admin.AuditAsync("?action=key.create"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Nothing_is_changed_while_the_log_can_not_be_written()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await (await admin.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        server.BreakKeyStore();
        await (await admin.PutAsJsonAsync("/admin/buckets/unlogged", new { }, Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
        await (await admin.GetAsync("/admin/buckets/unlogged", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        await (await admin.GetAsync("/admin/audit", Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
    }
}
