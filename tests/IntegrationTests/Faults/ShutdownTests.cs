using System.Globalization;
using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class ShutdownTests
{
    private const string Measurement = """{"device":"in-flight","fields":{"v":1}}""";

    [Fact]
    public async Task Request_in_flight_is_finished_and_its_data_stays()
    {
        await using var server = await IotServer.StartAsync();
        using var inFlight = await RawConnection.OpenAsync(server.Url);
        await inFlight.SendHeadAsync(
            Posting.One, server.AdminKey, $"Content-Length: {Measurement.Length.ToString(CultureInfo.InvariantCulture)}", "Connection: close");
        await inFlight.SendAsync(Measurement[..10]);
        await server.TerminateAsync();
        await Eventually.TrueAsync(() => ReadinessAsync(server, HttpStatusCode.ServiceUnavailable), "readiness turns off");

        await inFlight.SendAsync(Measurement[10..]);

        Assert.Equal([201], RawConnection.Statuses(await inFlight.ReadToEndAsync()));
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.RestartAsync();
        var read = await server.Client().ReadAllAsync("device=in-flight", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Single(read);
    }

    [Fact]
    public async Task Readiness_turns_off_while_requests_are_still_taken()
    {
        await using var server = await IotServer.StartAsync();
        await server.TerminateAsync();
        await Eventually.TrueAsync(() => ReadinessAsync(server, HttpStatusCode.ServiceUnavailable), "readiness turns off");

        using var late = await server.Client().PostJsonAsync(Posting.One, Measurement);

        Assert.Equal(HttpStatusCode.Created, late.StatusCode);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Everything_acknowledged_until_the_end_is_flushed_and_reads_back()
    {
        await using var server = await IotServer.StartAsync();
        var ledger = new Ledger();
        var posting = new[] { 1, 1, 50, 200 }.Index().Select(size =>
            new Poster(server.Client(), ledger, $"poster-{size.Index}", size.Item).PostUntilAsync(() => server.HasExited)).ToList();
        await Eventually.TrueAsync(() => ledger.Acknowledged > 2_000, "much is acknowledged");

        Assert.Equal(0, await server.StopAsync());

        var refused = (await Task.WhenAll(posting)).Where(response => response is not null).ToList();
        Assert.All(refused, response => Assert.Equal(HttpStatusCode.ServiceUnavailable, response!.StatusCode));
        Assert.Equal(0, InboxRows(server.DataPath));
        await server.RestartAsync();
        await ledger.AssertKeptAsync(server.Client());
    }

    [Fact]
    public async Task Idle_server_stops_soon_and_says_nothing_bad()
    {
        await using var server = await IotServer.StartAsync();
        var began = TimeProvider.System.GetTimestamp();

        Assert.Equal(0, await server.StopAsync());

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(server.Output.Lines, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal)
            || line.Contains("Exception", StringComparison.Ordinal));
    }

    /// <summary>An orchestrator gives up at any moment; what it reads in the log should not look like a fault of the program.</summary>
    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    [InlineData(800)]
    [InlineData(1_200)]
    public async Task Stop_while_it_starts_is_no_crash(int milliseconds)
    {
        const int endedBySignal = 128 + 15;
        using var folder = new TemporaryFolder();
        using var process = ServerProcess.Start(folder.Combine("data"), new IotServerOptions());
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
        await process.TerminateAsync();

        // The runtime itself may not have been listening yet.
        Assert.Contains(await process.WaitForExitAsync(), new[] { 0, endedBySignal });
        Assert.DoesNotContain(process.Output.Lines, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    private static long InboxRows(string dataPath)
    {
        var inbox = Directory.GetFiles(dataPath, "inbox.db", SearchOption.AllDirectories).Single();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = inbox, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM inbox";
        return (long)command.ExecuteScalar()!;
    }

    private static async Task<bool> ReadinessAsync(IotServer server, HttpStatusCode expected)
    {
        using var response = await server.Anonymous().GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return response.StatusCode == expected;
    }
}
