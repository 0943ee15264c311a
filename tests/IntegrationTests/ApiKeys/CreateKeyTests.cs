using System.Net;
using System.Text;
using System.Text.Json;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class CreateKeyTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_of_name_and_scopes_alone_may_all_that_its_scopes_say()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"pump","scopes":["measurements:write"]}""");
        Assert.Equal(("pump", "", "standard", "active"), (Text(made, "name"), Text(made, "notes"), Text(made, "tier"), Text(made, "status")));
        Assert.Equal(["measurements:write"], made.Body.Texts("scopes"));
        foreach (var list in new[] { "buckets", "devices", "networks", "certificates" })
            Assert.Empty(made.Body.Texts(list));
        foreach (var none in new[] { "expiresAt", "revokedAt", "oldSecretUntil", "lastUsedAt", "lastUsedFrom" })
            Assert.Equal(JsonValueKind.Null, made.Body.GetProperty(none).ValueKind);
        Assert.InRange(made.Body.GetProperty("createdAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow());
        using var response = await _server.Client(made.Token).PostAsync("/measurement", KeyRequests.Json("""{"device":"d","fields":{"a":1}}"""), Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Every_member_is_kept_and_read_back()
    {
        const string Fingerprint = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99";
        var made = await _admin.CreateKeyAsync($$"""
            {"name":"Gewächshaus 🌱","notes":"line\nline","scopes":["metrics:read","measurements:read"],"tier":"premium","buckets":["default","b 2"],
             "devices":["greenhouse-*","x"],"networks":["10.0.0.0/8","192.0.2.7","2001:DB8::/32"],"certificates":["{{Fingerprint}}"],"expiresAt":"2099-01-01T01:00:00.5+01:00"}
            """);
        var read = await _admin.ReadKeyAsync(made.Id);
        foreach (var key in new[] { made.Body, read })
        {
            Assert.Equal(("Gewächshaus 🌱", "line\nline", "premium"), (key.GetProperty("name").GetString(), key.GetProperty("notes").GetString(), key.GetProperty("tier").GetString()));
            Assert.Equal(["measurements:read", "metrics:read"], key.Texts("scopes"));
            Assert.Equal(["default", "b 2"], key.Texts("buckets"));
            Assert.Equal(["greenhouse-*", "x"], key.Texts("devices"));
            Assert.Equal(["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"], key.Texts("networks"));
            Assert.Equal([Fingerprint.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant()], key.Texts("certificates"));
            Assert.Equal("2099-01-01T00:00:00.5Z", key.GetProperty("expiresAt").GetString());
        }
    }

    [Fact]
    public async Task Secret_is_told_once_and_can_not_be_read_again()
    {
        using var response = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json("""{"name":"secret","scopes":["admin"]}"""), Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.Created);
        var token = (await response.ReadAsync()).GetProperty("key").GetString()!;
        Assert.True(ApiKeyToken.TryParse(token, out var id, out var secret));
        Assert.Equal($"/admin/keys/{id}", response.Headers.Location!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        var (idText, secretText) = (id.ToString(), secret.ToString());
        using (var used = await _server.Client(token).GetAsync(KeyRequests.AddressOf(idText), Cancelled))
            await ShouldNotTell(used, secretText);
        using (var listed = await _admin.GetAsync(KeyRequests.Path + "?limit=1000", Cancelled))
            await ShouldNotTell(listed, secretText);
        using (var changed = await _admin.ChangeKeyAsync(idText, """{"name":"changed"}"""))
            await ShouldNotTell(changed, secretText);
        using (var revoked = await _admin.RevokeKeyAsync(idText))
            await ShouldNotTell(revoked, secretText);
        Assert.DoesNotContain(_server.LogLines, line => line.Contains(secretText, StringComparison.Ordinal));
        Assert.Empty(await RowsWithAsync(secretText));
        Assert.NotEmpty(await RowsWithAsync(idText));
        Assert.DoesNotContain(
            Directory.GetFiles(_server.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"),
            file => ReadWhileOpen(file).Contains(secretText, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_made_at_once_are_all_different_and_work()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _admin.CreateTokenAsync()));
        Assert.Equal(20, tokens.Select(KeyRequests.IdOf).Distinct().Count());
        Assert.Equal(20, tokens.Select(token => token[17..]).Distinct().Count());
        foreach (var token in tokens)
        {
            using var response = await _server.Client(token).GetAsync("/measurements", Cancelled);
            await response.ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Key_expires_by_itself()
    {
        var expiry = TimeProvider.System.GetUtcNow().AddSeconds(1.5);
        var token = await _admin.CreateTokenAsync($",\"expiresAt\":\"{expiry:O}\"");
        var client = _server.Client(token);
        using (var early = await client.GetAsync("/measurements", Cancelled))
            await early.ShouldBeAsync(HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/measurements", Cancelled)).StatusCode == HttpStatusCode.Unauthorized, "the key expires");
        Assert.InRange(TimeProvider.System.GetUtcNow(), expiry.AddMilliseconds(-1), expiry.AddSeconds(2));
        Assert.Equal("expired", (await _admin.ReadKeyAsync(token)).GetProperty("status").GetString());
        using var extended = await _admin.ChangeKeyAsync(token, """{"expiresAt":null}""");
        await extended.ShouldBeAsync(HttpStatusCode.OK);
        using var again = await client.GetAsync("/measurements", Cancelled);
        await again.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("measurements:read")]
    [InlineData("measurements:read", "measurements:write", "measurements:delete", "cache:manage", "metrics:read")]
    public async Task Administration_takes_the_scope_admin(params string[] scopes)
    {
        var token = (await _admin.CreateKeyAsync($$"""{"name":"n","scopes":["{{string.Join("\",\"", scopes)}}"]}""")).Token;
        var client = _server.Client(token);
        foreach (var (method, address, body) in new[]
        {
            (HttpMethod.Get, KeyRequests.Path, null), (HttpMethod.Post, KeyRequests.Path, "{}"), (HttpMethod.Get, KeyRequests.AddressOf(token), null),
            (HttpMethod.Patch, KeyRequests.AddressOf(token), """{"scopes":["admin"]}"""), (HttpMethod.Post, KeyRequests.AddressOf(token) + "/rotate", null),
            (HttpMethod.Delete, KeyRequests.AddressOf(token), null),
        })
        {
            using var response = await client.SendAsync(method, address, body);
            await response.ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
            using var anonymous = await _server.Client().SendAsync(method, address, body);
            await anonymous.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
        }
    }

    private static string? Text(MadeKey key, string member) => key.Body.GetProperty(member).GetString();

    private static async Task ShouldNotTell(HttpResponseMessage response, string secret)
    {
        await response.ShouldBeAsync(HttpStatusCode.OK);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.DoesNotContain(secret, body + response.Headers, StringComparison.Ordinal);
        Assert.DoesNotContain("\"key\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secretHash", body, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Every row of every table of the key store that holds the text in one of its columns.</summary>
    private async Task<IReadOnlyList<string>> RowsWithAsync(string text)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_server.Folder, "keys.db")};Pooling=False");
        await connection.OpenAsync(Cancelled);
        var rows = new List<string>();
        foreach (var table in new[] { "api_keys", "audit" })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var reader = await command.ExecuteReaderAsync(Cancelled);
            while (await reader.ReadAsync(Cancelled))
            {
                var row = string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : reader.GetValue(i)));
                if (row.Contains(text, StringComparison.Ordinal))
                    rows.Add(row);
            }
        }

        return rows;
    }

    private static string ReadWhileOpen(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
