using System.Net;
using System.Text.RegularExpressions;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.ApiKeys;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Transfer;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>A key store that moves from SQLite to PostgreSQL, with the real program.</summary>
public sealed partial class KeyStoreCopyTests(PostgreSqlFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string KeyFile => _folder.Combine("data/keys.db");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_tiers_blocks_and_the_audit_log_are_there_after_the_move_and_go_on()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        var (token, adminKey, before) = await FillAsync();

        var (code, told) = await TransferRun.RunAsync(["copy-keys", KeyFile, .. Settings(database)]);

        Assert.True(code == 0, told);
        Assert.Contains("2 api_keys", told, StringComparison.Ordinal);

        // They belong to nodes that have ended.
        Assert.DoesNotContain("leases", told, StringComparison.Ordinal);
        await using var server = await IotServer.StartAsync(new IotServerOptions
        {
            Settings = new Dictionary<string, string> { ["KeyStore:Provider"] = "PostgreSql", ["KeyStore:ConnectionString"] = database },
        });
        Assert.False(File.Exists(Path.Combine(server.DataPath, "admin.key")), "It made another admin key.");
        await AssertOkAsync(server.Client(token), "/measurements");
        var admin = server.Client(adminKey);
        Assert.Equal(before, await ReadAsync(admin));

        // What is new gets numbers of its own.
        await admin.CreateKeyAsync("""{"name":"after","scopes":["measurements:read"]}""");
        Assert.Contains("key.create", await admin.GetStringAsync("/admin/audit?limit=1", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_store_with_keys_is_not_copied_into()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        await FillAsync();
        Assert.Equal(0, (await TransferRun.RunAsync(["copy-keys", KeyFile, .. Settings(database)])).Code);

        var (code, told) = await TransferRun.RunAsync(["copy-keys", KeyFile, .. Settings(database)]);

        Assert.Equal(1, code);
        Assert.Contains("There are keys in the configured key store already", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_does_not_exist_is_told_and_not_made()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();

        var (code, told) = await TransferRun.RunAsync(["copy-keys", KeyFile, .. Settings(database)]);

        Assert.Equal(1, code);
        Assert.Contains("There is no key store", told, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public async Task Command_without_a_file_tells_how_it_is_used() => Assert.Equal(64, (await TransferRun.RunAsync(["copy-keys"])).Code);

    private static string[] Settings(string database) => ["--KeyStore:Provider=PostgreSql", $"--KeyStore:ConnectionString={database}"];

    private async Task<(string Token, string AdminKey, string Before)> FillAsync()
    {
        await using var server = await IotServer.StartAsync(new IotServerOptions { DataPath = _folder.Combine("data") });
        var admin = server.Client();
        var token = await admin.CreateTokenAsync();
        using (var tier = await admin.SendAsync(HttpMethod.Put, "/admin/tiers/own", """{"requests":7,"windowSeconds":60}"""))
            Assert.True(tier.IsSuccessStatusCode, await tier.Content.ReadAsStringAsync(Cancelled));
        using (var block = await admin.SendAsync(HttpMethod.Post, "/admin/blocks", """{"kind":"address","value":"192.0.2.7","reason":"a test"}"""))
            Assert.True(block.IsSuccessStatusCode, await block.Content.ReadAsStringAsync(Cancelled));
        var filled = (token, server.AdminKey, await ReadAsync(admin));
        Assert.Equal(0, await server.StopAsync());
        return filled;
    }

    // Times to the millisecond: PostgreSQL keeps microseconds, SQLite more.
    private static async Task<string> ReadAsync(HttpClient admin)
    {
        var texts = new List<string>();
        foreach (var path in new[] { "/admin/tiers", "/admin/blocks", "/admin/audit?limit=1000" })
            texts.Add(await admin.GetStringAsync(path, Cancelled));
        return Fractions().Replace(string.Join('\n', texts), "$1Z");
    }

    [GeneratedRegex(@"(\.\d{3})\d*Z")]
    private static partial Regex Fractions();

    private static async Task AssertOkAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.OK);
    }
}
