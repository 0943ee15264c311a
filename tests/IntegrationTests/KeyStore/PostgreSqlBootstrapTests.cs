using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.ApiKeys;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>How the first key comes into a database that several nodes share, with the real program.</summary>
public sealed class PostgreSqlBootstrapTests(PostgreSqlFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Key_made_by_one_node_works_on_all_and_a_revocation_reaches_them()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        await using var first = await IotServer.StartAsync(Options(database));
        await using var second = await IotServer.StartAsync(Options(database));
        Assert.False(File.Exists(Path.Combine(second.DataPath, "admin.key")), "The second node made a key of its own.");
        await AssertStatusAsync(second.Client(first.AdminKey), HttpStatusCode.OK);

        var made = (await first.Client().CreateKeyAsync("""{"name":"n","scopes":["measurements:read"]}""")).Token;
        var onSecond = second.Client(made);
        await AssertStatusAsync(onSecond, HttpStatusCode.OK, "/measurements");
        using (var response = await first.Client().DeleteAsync(KeyRequests.AddressOf(made), Cancelled))
            await response.ShouldBeAsync(HttpStatusCode.OK);

        // After KeyStore:CacheSeconds at the latest.
        await Eventually.TrueAsync(
            async () => (await onSecond.GetAsync("/measurements", Cancelled)).StatusCode == HttpStatusCode.Unauthorized, "the other node refuses the key", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Given_key_works_on_nodes_that_start_at_once()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        var key = AccessServer.NewToken();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => IotServer.StartAsync(Options(database) with
        {
            Environment = new Dictionary<string, string> { ["IOT_ADMIN_KEY"] = key },
        })));
        foreach (var node in nodes)
        {
            await using (node)
            {
                await AssertStatusAsync(node.Client(key), HttpStatusCode.OK);
                Assert.False(File.Exists(Path.Combine(node.DataPath, "admin.key")));
                Assert.DoesNotContain(key[17..], node.Output.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Lost_key_is_replaced_offline()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        await using var server = await IotServer.StartAsync(Options(database) with { DataPath = _folder });
        var lost = server.AdminKey;
        var (code, output) = await AdminKeyRuns.RunAsync("admin-key", "--reset", $"--Data:Path={_folder.Path}", "--KeyStore:Provider=PostgreSql", $"--KeyStore:ConnectionString={database}");
        Assert.Equal(0, code);
        Assert.NotEqual(lost, server.AdminKey);
        Assert.Contains(server.AdminKey, output, StringComparison.Ordinal);
        await AssertStatusAsync(server.Client(server.AdminKey), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Replacing_where_there_is_no_key_store_makes_none()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        var exception = await Assert.ThrowsAsync<Infrastructure.StorageStartException>(() => AdminKeyRuns.RunAsync(
            "admin-key", "--reset", $"--Data:Path={_folder.Path}", "--KeyStore:Provider=PostgreSql", $"--KeyStore:ConnectionString={database}"));
        Assert.Contains("There is no key store in 'keys_", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await PostgreSqlServer.ReadAtAsync(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task Neither_password_nor_secret_is_logged_at_any_level()
    {
        var database = await (await fixture.ServerAsync()).NewDatabaseAsync();
        await using var server = await AccessServer.StartAsync(
            null, "--KeyStore:Provider=PostgreSql", "--KeyStore:ConnectionString=" + database, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace",
            "--Logging:LogLevel:Npgsql=Trace", "--Logging:Console:LogLevel:Default=None");
        var made = (await server.Client(server.AdminKey).CreateKeyAsync("""{"name":"n","scopes":["measurements:read"]}""")).Token;
        await AssertStatusAsync(server.Client(made), HttpStatusCode.OK, "/measurements");
        var lines = server.LogLines.ToList();
        Assert.Contains(lines, line => line.Contains("api_keys", StringComparison.Ordinal));
        foreach (var secret in new[] { PostgreSqlServer.Password, made[17..49], Convert.ToHexString(Domain.ApiKeys.ApiKeyToken.Split(made).SecretHash) })
            Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task AssertStatusAsync(HttpClient client, HttpStatusCode status, string path = "/admin/keys")
    {
        using var response = await client.GetAsync(path, Cancelled);
        await response.ShouldBeAsync(status);
    }

    private static IotServerOptions Options(string database) => new()
    {
        Settings = new Dictionary<string, string>
        {
            ["KeyStore:Provider"] = "PostgreSql",
            ["KeyStore:ConnectionString"] = database,
            ["KeyStore:CacheSeconds"] = "1",
        },
    };
}
