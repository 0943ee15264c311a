using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class InfluxOutageTests
{
    private const int Seed = 11;

    private static readonly int[] BatchSizes = [1, 1, 1, 20, 200];

    [Theory]
    [InlineData(Outage.Stop)]
    [InlineData(Outage.Kill)]
    [InlineData(Outage.Suspend)]
    public async Task Outage_of_InfluxDB_in_the_middle_of_posting_loses_nothing_and_refuses_nothing(Outage outage)
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        var crowd = stack.StartPosting(ledger, BatchSizes);
        for (var round = 0; round < 3; round++)
        {
            await crowd.AdvanceAsync(500);
            await BeginAsync(outage, stack.Influx);
            await crowd.QueueAsync(100);
            await EndAsync(outage, stack.Influx);
        }

        await crowd.StopUnrefusedAsync();
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task After_an_outage_measurements_go_straight_to_InfluxDB_again()
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        await stack.Influx.StopAsync();
        var poster = new Poster(stack.Server.Client(), ledger, "d", batchSize: 10);
        using (var queued = await poster.PostAsync())
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);

        await stack.Influx.RestartAsync();
        await stack.WaitUntilDrainedAsync();

        using var stored = await poster.PostAsync();
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Kill_of_the_program_with_a_spool_loses_nothing_and_it_starts_without_InfluxDB()
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        await stack.Influx.KillAsync();
        for (var round = 0; round < 3; round++)
        {
            var crowd = stack.StartPosting(ledger, BatchSizes);
            await crowd.QueueAsync(50);
            await stack.Server.KillAsync();
            Assert.Empty(await crowd.StopAsync());
            await stack.Server.RestartAsync();
            Assert.Equal(HttpStatusCode.OK, await ReadinessAsync(stack.Server));
        }

        await stack.Influx.RestartAsync();

        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Stop_of_the_program_with_a_spool_loses_nothing()
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        await stack.Influx.StopAsync();
        var crowd = stack.StartPosting(ledger, BatchSizes);
        await crowd.QueueAsync(50);

        Assert.Equal(0, await stack.Server.StopAsync());

        await crowd.StopAsync();
        await stack.Influx.RestartAsync();
        await stack.Server.RestartAsync();
        await stack.AssertKeptAsync(ledger);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_of_both_in_the_middle_of_posting_loses_nothing_whoever_comes_back_first(bool programFirst)
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        for (var round = 0; round < 3; round++)
        {
            var crowd = stack.StartPosting(ledger, BatchSizes);
            await crowd.AdvanceAsync(1_000);
            await stack.Influx.KillAsync();
            await crowd.QueueAsync(20);
            await Task.WhenAll(stack.Server.KillAsync(), RestartAndKillAsync(stack.Influx));
            Assert.Empty(await crowd.StopAsync());

            if (programFirst)
                await stack.Server.RestartAsync();
            await stack.Influx.RestartAsync();
            if (!programFirst)
                await stack.Server.RestartAsync();
        }

        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Kill_of_the_program_while_the_spool_drains_loses_nothing_and_doubles_nothing()
    {
        await using var stack = await InfluxStack.StartAsync();
        var (ledger, random) = (new Ledger(), new Random(Seed));
        for (var round = 0; round < 5; round++)
        {
            await stack.Influx.StopAsync();
            var crowd = stack.StartPosting(ledger, BatchSizes);
            await crowd.QueueAsync(100);
            await crowd.StopUnrefusedAsync();
            await stack.Influx.RestartAsync();
            await Eventually.PauseAsync(TimeSpan.FromMilliseconds(random.Next(0, 1_500)));
            await stack.Server.KillAsync();
            await stack.Server.RestartAsync();
        }

        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Program_that_has_never_seen_InfluxDB_queues_until_it_comes()
    {
        await using var stack = await InfluxStack.StartAsync(spoil: network => network.Refuse());
        var ledger = new Ledger();
        var poster = new Poster(stack.Server.Client(), ledger, "early", batchSize: 10);
        using (var queued = await poster.PostAsync())
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);

        stack.Network.Heal();

        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Of_a_value_that_is_rewritten_all_along_the_last_one_acknowledged_is_kept()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        var last = 0;
        for (var round = 0; round < 3; round++)
        {
            last = await RewriteAsync(client, last, HttpStatusCode.Created);
            await stack.Influx.KillAsync();
            last = await RewriteAsync(client, last, HttpStatusCode.Accepted);
            await stack.Influx.RestartAsync();
            last = await RewriteAsync(client, last, HttpStatusCode.Created);
        }

        await stack.WaitUntilDrainedAsync();
        var read = await client.ReadAllAsync("device=rewritten&from=0&to=10000", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal($"{last}", Assert.Single(read).Fields["value"]);
    }

    /// <summary>How InfluxDB goes away, and comes back.</summary>
    public enum Outage
    {
        Stop,
        Kill,
        Suspend,
    }

    private static Task BeginAsync(Outage outage, InfluxServer influx) => outage switch
    {
        Outage.Stop => influx.StopAsync(),
        Outage.Kill => influx.KillAsync(),
        _ => influx.SuspendAsync(),
    };

    private static Task EndAsync(Outage outage, InfluxServer influx) => outage == Outage.Suspend ? influx.ResumeAsync() : influx.RestartAsync();

    private static async Task RestartAndKillAsync(InfluxServer influx)
    {
        await influx.RestartAsync();
        await influx.KillAsync();
    }

    // Writes the next numbers into one value until the answers are of that status, and then some more.
    private static async Task<int> RewriteAsync(HttpClient client, int last, HttpStatusCode until)
    {
        var left = 10;
        await Eventually.TrueAsync(
            async () =>
            {
                last++;
                using var response = await client.PostJsonAsync(Posting.One, $$$"""{"device":"rewritten","timestamp":5000,"fields":{"value":{{{last}}}}}""");
                Assert.True(response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted, $"A post was answered {response.StatusCode}.");
                left -= response.StatusCode == until ? 1 : 0;
                return left == 0;
            },
            $"posts are answered {(int)until}",
            InfluxStack.Patience);
        return last;
    }

    private static async Task<HttpStatusCode> ReadinessAsync(IotServer server)
    {
        using var response = await server.Anonymous().GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
