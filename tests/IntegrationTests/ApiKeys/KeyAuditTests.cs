using System.Net;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.Infrastructure.KeyStore.Audit;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class KeyAuditTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_act_on_a_key_is_told_with_who_what_from_where_before_and_after()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"audited","notes":"words","scopes":["measurements:read"]}""");
        (await _admin.ChangeKeyAsync(made.Id, """{"name":"changed","scopes":["admin"]}""")).Dispose();
        string renewed;
        using (var rotated = await _admin.RotateKeyAsync(made.Id))
            renewed = (await rotated.ReadAsync()).GetProperty("key").GetString()!;
        (await _admin.RevokeKeyAsync(made.Id)).Dispose();

        var rows = await RowsAsync(made.Id);
        Assert.Equal(["key.create", "key.change", "key.rotate", "key.revoke"], rows.Select(row => row.Action));
        foreach (var row in rows)
        {
            Assert.Equal(("done", "key", KeyRequests.IdOf(_server.AdminKey), "admin"), (row.Outcome, row.ObjectKind, row.ActorId, row.ActorName));
            Assert.Contains(row.Address, new[] { "127.0.0.1", "::1", "::ffff:127.0.0.1" });
            Assert.False(string.IsNullOrEmpty(row.RequestId));
            Assert.InRange(row.Time, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1), TimeProvider.System.GetUtcNow().UtcDateTime);
        }

        Assert.Null(rows[0].Before);
        Assert.Contains("\"audited\"", rows[0].After, StringComparison.Ordinal);
        Assert.Contains("\"audited\"", rows[1].Before, StringComparison.Ordinal);
        Assert.Contains("\"changed\"", rows[1].After, StringComparison.Ordinal);
        Assert.Contains("\"admin\"", rows[1].After, StringComparison.Ordinal);
        Assert.Contains("oldSecretUntil", rows[2].After, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("revokedAt", rows[3].After, StringComparison.OrdinalIgnoreCase);
        var texts = string.Concat(rows.Select(row => row.Before + row.After));
        foreach (var token in new[] { made.Token, renewed })
        {
            var hash = Convert.ToBase64String(Domain.ApiKeys.ApiKeyToken.Split(token).SecretHash);
            Assert.DoesNotContain(token[17..], texts, StringComparison.Ordinal);
            Assert.DoesNotContain(hash[..16], texts, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("hash", texts, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Act_that_is_refused_by_what_is_there_is_told_with_its_code_and_changes_nothing()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        (await _admin.ChangeKeyAsync(made.Id, """{"name":"m"}""", "\"77\"")).Dispose();
        (await _admin.ChangeKeyAsync(made.Id, """{"tier":"nowhere"}""")).Dispose();
        var rows = await RowsAsync(made.Id);
        Assert.Equal(["done", "precondition_failed", "invalid_request"], rows.Select(row => row.Outcome));
        Assert.All(rows.Skip(1), row => Assert.Null(row.After));
        (await _admin.RevokeKeyAsync("nosuchkey000")).Dispose();
        Assert.Equal(["not_found"], (await RowsAsync("nosuchkey000")).Select(row => row.Outcome));
    }

    [Fact]
    public async Task Typing_errors_and_reading_leave_no_entry()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        (await _admin.ChangeKeyAsync(made.Id, """{"nonsense":1}""")).Dispose();
        await _admin.ReadKeyAsync(made.Id);
        await _admin.ListKeysAsync();
        Assert.Equal(["key.create"], (await RowsAsync(made.Id)).Select(row => row.Action));
    }

    [Fact]
    public async Task Nothing_is_done_that_can_not_be_told()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        var made = await admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        await using (var context = await ContextAsync(server))
            await context.Database.ExecuteSqlAsync($"DROP TABLE audit", Cancelled);
        foreach (var response in new[]
        {
            await admin.PostAsync(KeyRequests.Path, KeyRequests.Json("""{"name":"m","scopes":[]}"""), Cancelled), await admin.ChangeKeyAsync(made.Id, """{"name":"m"}"""),
            await admin.RotateKeyAsync(made.Id), await admin.RevokeKeyAsync(made.Id),
        })
        {
            await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
            Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        }

        var read = await admin.ReadKeyAsync(made.Id);
        Assert.Equal(("n", "active"), (read.GetProperty("name").GetString(), read.GetProperty("status").GetString()));
        Assert.Equal(2, (await admin.ListKeysAsync()).Ids.Count);
    }

    private async Task<List<AuditRow>> RowsAsync(string id)
    {
        await using var context = await ContextAsync(_server);
        return await context.AuditEntries.AsNoTracking().Where(row => row.ObjectId == id).OrderBy(row => row.Id).ToListAsync(Cancelled);
    }

    private static Task<KeyStoreContext> ContextAsync(AccessServer server) =>
        server.Services.GetRequiredService<IDbContextFactory<KeyStoreContext>>().CreateDbContextAsync(Cancelled);
}
