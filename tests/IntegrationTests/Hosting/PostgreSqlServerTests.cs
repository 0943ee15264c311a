using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

public sealed class PostgreSqlServerTests
{
    [Fact]
    public async Task Keeps_what_it_acknowledged_when_it_is_killed_and_asks_for_a_password()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        var database = await server.NewDatabaseAsync();
        await PostgreSqlServer.ExecuteAtAsync(database, "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
        await server.KillAsync();
        await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => PostgreSqlServer.ReadAtAsync(database, "SELECT i FROM t"));
        await server.RestartAsync();
        Assert.Equal(["1"], await PostgreSqlServer.ReadAtAsync(database, "SELECT i FROM t"));
        Assert.Equal(["on"], await PostgreSqlServer.ReadAtAsync(database, "SHOW fsync"));
        await server.StopAsync();
        await server.RestartAsync();
        Assert.Equal(["1"], await PostgreSqlServer.ReadAtAsync(database, "SELECT i FROM t"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PostgreSqlServer.ReadAtAsync(server.Connection("postgres", password: "wrong"), "SELECT 1"));
    }

    [Fact]
    public async Task Nothing_of_it_stays_when_whoever_started_it_is_gone()
    {
        if (PostgreSqlProcess.Find() is null)
            Absent.SkipOrFail(PostgreSqlProcess.Missing);
        var folder = Directory.CreateTempSubdirectory("iot-test-").FullName;
        using var process = PostgreSqlProcess.Orphan(folder);
        Assert.True(Directory.Exists(folder));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => !Directory.Exists(folder), "the folder is gone");
    }
}
