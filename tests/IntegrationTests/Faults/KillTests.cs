using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

[Collection(AloneCollection.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Rounds = 20;
    private const int Seed = 7;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);
    private static readonly int[] BatchSizes = [1, 1, 1, 1, 20, 20, 300];

    /// <summary>Flushes as often as the settings allow, so that the kill also comes in the middle of one.</summary>
    private static readonly IotServerOptions Busy = new()
    {
        Settings = new Dictionary<string, string> { ["Measurements:Embedded:MemtableBytes"] = "1048576", ["Measurements:Embedded:FlushSeconds"] = "1" },
    };

    [Fact]
    public async Task Kill_in_the_middle_of_posting_loses_nothing_that_was_acknowledged()
    {
        await using var server = await IotServer.StartAsync(Busy);
        var firstStart = server.StartDuration;
        var ledgers = Enumerable.Range(0, Rounds).Select(round => new Ledger(round * Ledger.Numbers)).ToList();
        var random = new Random(Seed);
        var starts = new List<TimeSpan>();
        foreach (var (round, ledger) in ledgers.Index())
        {
            await PostUntilKilledAsync(server, ledger, round, TimeSpan.FromMilliseconds(random.Next(50, 1500)));

            await server.RestartAsync();

            starts.Add(server.StartDuration);
            var kept = await ledger.AssertKeptAsync(server.Client());
            output.WriteLine(
                $"Round {round}: start {starts[^1].TotalMilliseconds:N0} ms; {ledger.Sent} sent, {ledger.Acknowledged} acknowledged, {kept} kept.");
        }

        foreach (var ledger in ledgers)
            await ledger.AssertKeptAsync(server.Client());
        starts.Sort();
        output.WriteLine($"Start: quickest {starts[0].TotalMilliseconds:N0} ms, median {starts[Rounds / 2].TotalMilliseconds:N0} ms, longest {starts[^1].TotalMilliseconds:N0} ms.");

        // A machine that is busy with other things slows some starts down, a program that starts slowly all of them. On a machine that is slow
        // altogether the first start, with nothing to recover, says what can be asked of the others.
        Assert.InRange(starts[Rounds / 4], TimeSpan.Zero, firstStart > LongestStart ? firstStart : LongestStart);
    }

    [Fact]
    public async Task Kill_during_the_start_loses_nothing_either()
    {
        await using var server = await IotServer.StartAsync(Busy);
        var ledger = new Ledger();
        await PostUntilKilledAsync(server, ledger, round: 0, TimeSpan.FromSeconds(1));
        var options = Busy with { DataPath = server.DataPath };
        for (var milliseconds = 50; milliseconds <= 1000; milliseconds += 50)
        {
            using var half = ServerProcess.Start(server.DataPath, options);
            await Eventually.PauseAsync(TimeSpan.FromMilliseconds(milliseconds));
            await half.KillAsync();
        }

        await server.RestartAsync();

        await ledger.AssertKeptAsync(server.Client());
    }

    private static async Task PostUntilKilledAsync(IotServer server, Ledger ledger, int round, TimeSpan after)
    {
        var isKilled = false;
        var posting = BatchSizes.Index().Select(size =>
            new Poster(server.Client(), ledger, $"round-{round}-poster-{size.Index}", size.Item).PostUntilAsync(() => Volatile.Read(ref isKilled))).ToList();
        await Eventually.TrueAsync(() => ledger.Acknowledged > 0, "something is acknowledged");
        await Eventually.PauseAsync(after);

        await server.KillAsync();

        Volatile.Write(ref isKilled, true);
        var refused = (await Task.WhenAll(posting)).FirstOrDefault(response => response is not null);
        Assert.True(refused is null, $"While nothing was wrong a post was answered {refused?.StatusCode}.");
    }
}
