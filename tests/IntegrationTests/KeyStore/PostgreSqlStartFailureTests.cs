using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>What keeps the program from its database ends it with one line that says what to do, and no password.</summary>
public sealed class PostgreSqlStartFailureTests(PostgreSqlFixture fixture) : IDisposable
{
    private const string Password = "hunter2-secret";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Server_that_is_not_there() => await AssertRefusedAsync(
        $"Host=127.0.0.1;Port={FreePort.Next()};Database=keys;Username=owner;Password={Password}", "'keys' on 127.0.0.1", "does not answer");

    [Fact]
    public async Task Server_that_says_nothing()
    {
        await using var silent = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        silent.BreakRequests(LinkFault.BlackHole);
        await AssertRefusedAsync(
            $"Host=127.0.0.1;Port={silent.Url.Port};Database=keys;Username=owner;Password={Password}", "'keys' on 127.0.0.1", "does not answer");
    }

    [Fact]
    public async Task Host_that_has_no_address() => await AssertRefusedAsync(
        $"Host=no-such-host.invalid;Database=keys;Username=owner;Password={Password}", "'keys' on no-such-host.invalid:5432", "does not answer");

    [Fact]
    public async Task Wrong_password()
    {
        var server = await fixture.ServerAsync();
        await AssertRefusedAsync(server.Connection("postgres", password: Password), "'postgres' on 127.0.0.1", "the user or the password is wrong");
    }

    [Fact]
    public async Task No_password()
    {
        var server = await fixture.ServerAsync();
        await AssertRefusedAsync($"Host=127.0.0.1;Port={server.Port};Database=postgres;Username=owner", "'postgres' on 127.0.0.1", "password");
    }

    [Fact]
    public async Task No_database_though_the_user_could_make_it()
    {
        var server = await fixture.ServerAsync();
        await AssertRefusedAsync(server.Connection("nowhere"), "'nowhere' on 127.0.0.1", "there is no such database");
        Assert.Empty(await PostgreSqlServer.ReadAtAsync(server.Connection("postgres"), "SELECT datname FROM pg_database WHERE datname = 'nowhere'"));
    }

    [Fact]
    public async Task No_right_to_make_tables()
    {
        var server = await fixture.ServerAsync();
        var database = await server.NewDatabaseAsync();
        await PostgreSqlServer.ExecuteAtAsync(database, $"CREATE ROLE stranger LOGIN PASSWORD '{Password}'");
        await AssertRefusedAsync(server.Connection(NameOf(database), "stranger", Password), $"'{NameOf(database)}' on", "Make it the owner");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Database_that_is_read_only(bool isMigrated)
    {
        var server = await fixture.ServerAsync();
        var database = await server.NewDatabaseAsync();
        if (isMigrated)
            await MigrateAsync(database);
        await server.ExecuteAsync("postgres", $"ALTER DATABASE {NameOf(database)} SET default_transaction_read_only = on");
        await AssertRefusedAsync(database, $"'{NameOf(database)}' on", "read-only");
    }

    [Fact]
    public async Task User_that_may_but_read_and_write_the_tables_is_enough_once_they_are_there()
    {
        var server = await fixture.ServerAsync();
        var database = await server.NewDatabaseAsync();
        var admin = await MigrateAsync(database);
        await PostgreSqlServer.ExecuteAtAsync(database, $"""
            CREATE ROLE worker LOGIN PASSWORD '{Password}';
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker
            """);
        await using var started = await IotServer.StartAsync(Options(server.Connection(NameOf(database), "worker", Password)));
        using var response = await started.Client(admin).GetAsync("/admin/keys", Cancelled);
        Assert.True(response.IsSuccessStatusCode, started.Output.ToString());
        Assert.Contains(started.Output.Lines, line => line.Contains($"keys in PostgreSQL, '{NameOf(database)}' on 127.0.0.1:{server.Port}", StringComparison.Ordinal));
        Assert.DoesNotContain(Password, started.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Password=hunter2-secret", "KeyStore")]
    [InlineData("Database=keys;Password=hunter2-secret", "KeyStore")]
    [InlineData("Host=127.0.0.1;Database=keys;Password=hunter2-secret;Nonsense=1", "KeyStore")]
    [InlineData("Host=127.0.0.1;Database=keys;Password=hunter2-secret;Port=many", "KeyStore")]
    [InlineData("Host=127.0.0.1;Database=keys;Password=hunter2-secret;SSL Mode=perhaps", "KeyStore")]
    [InlineData("hunter2-secret", "KeyStore")]
    [InlineData("", "KeyStore")]
    public async Task Connection_string_that_names_no_database(string connection, string expected) => await AssertRefusedAsync(connection, expected, "ConnectionString");

    [Fact]
    public async Task Provider_that_is_not_known() =>
        await AssertRefusedAsync(Options("Host=127.0.0.1", "Postgres"), "KeyStore:Provider", "Postgres");

    private static string NameOf(string connection) => new Npgsql.NpgsqlConnectionStringBuilder(connection).Database!;

    /// <returns>The admin key.</returns>
    private static async Task<string> MigrateAsync(string database)
    {
        await using var server = await IotServer.StartAsync(Options(database));
        return server.AdminKey;
    }

    private Task AssertRefusedAsync(string connection, params string[] expected) => AssertRefusedAsync(Options(connection), expected);

    private async Task AssertRefusedAsync(IotServerOptions options, params string[] expected)
    {
        using var process = ServerProcess.Start(_folder.Combine("data"), options);
        var code = await process.WaitForExitAsync();
        Assert.True(code != 0, $"The program ended as if all was well: {process.Output}");
        var line = Assert.Single(process.Output.Lines);
        Assert.All(expected, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.DoesNotContain(Password, line, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgreSqlServer.Password, line, StringComparison.Ordinal);
    }

    private static IotServerOptions Options(string connection, string provider = "PostgreSql") => new()
    {
        Settings = new Dictionary<string, string> { ["KeyStore:Provider"] = provider, ["KeyStore:ConnectionString"] = connection },
    };
}
