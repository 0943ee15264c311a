using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class InfluxNetworkTests
{
    private const int Seed = 3;

    private static readonly int[] BatchSizes = [1, 1, 20, 200];

    /// <summary>Ways for the network to fail, by what a test calls them.</summary>
    private static readonly Dictionary<string, Action<FaultProxy>> Faults = new()
    {
        ["refused connections"] = network => network.Refuse(),
        ["cut connections"] = network => network.Cut(),
        ["requests cut at once"] = network => network.BreakRequests(new LinkFault { CutAfter = 0 }),
        ["requests cut in their head"] = network => network.BreakRequests(new LinkFault { CutAfter = 40 }),
        ["requests cut in their body"] = network => network.BreakRequests(new LinkFault { CutAfter = 1_000 }),
        ["requests that end in their body"] = network => network.BreakRequests(new LinkFault { EndAfter = 1_000 }),
        ["lost requests"] = network => network.BreakRequests(LinkFault.BlackHole),
        ["slow requests"] = network => network.BreakRequests(new LinkFault { BytesPerSecond = 500 }),
        ["late requests"] = network => network.BreakRequests(new LinkFault { Delay = 2 * InfluxStack.WriteTimeout }),
        ["answers cut at once"] = network => network.BreakAnswers(new LinkFault { CutAfter = 0 }),
        ["answers cut in their head"] = network => network.BreakAnswers(new LinkFault { CutAfter = 20 }),
        ["answers that end in their head"] = network => network.BreakAnswers(new LinkFault { EndAfter = 20 }),
        ["lost answers"] = network => network.BreakAnswers(LinkFault.BlackHole),
        ["slow answers"] = network => network.BreakAnswers(new LinkFault { BytesPerSecond = 10 }),
        ["late answers"] = network => network.BreakAnswers(new LinkFault { Delay = 2 * InfluxStack.WriteTimeout }),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys.Where(fault => fault != "cut connections")];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task Measurements_are_queued_while_the_network_fails_and_stored_once_when_it_works(string fault)
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        var crowd = stack.StartPosting(ledger, BatchSizes);
        await crowd.AdvanceAsync(500);

        Faults[fault](stack.Network);
        await crowd.QueueAsync(100);
        stack.Network.Heal();

        await crowd.AdvanceAsync(500);
        await crowd.StopUnrefusedAsync();
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Network_that_is_slow_within_the_timeout_only_makes_slow()
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        stack.Network.BreakRequests(new LinkFault { Delay = InfluxStack.WriteTimeout / 8 });
        stack.Network.BreakAnswers(new LinkFault { Delay = InfluxStack.WriteTimeout / 8 });
        var crowd = stack.StartPosting(ledger, 1, 1, 20);

        await crowd.AdvanceAsync(60);

        await crowd.StopUnrefusedAsync();
        Assert.Equal(0, crowd.Queued);
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Connections_that_are_cut_now_and_then_lose_nothing()
    {
        await using var stack = await InfluxStack.StartAsync();
        var ledger = new Ledger();
        var crowd = stack.StartPosting(ledger, BatchSizes);
        for (var cut = 0; cut < 20; cut++)
        {
            await crowd.AdvanceAsync(100);
            stack.Network.Cut();
        }

        await crowd.StopUnrefusedAsync();
        await stack.AssertKeptAsync(ledger);
    }

    [Fact]
    public async Task Storm_of_faults_in_which_everyone_is_killed_in_turn_loses_nothing()
    {
        await using var stack = await InfluxStack.StartAsync();
        var (ledger, random) = (new Ledger(), new Random(Seed));
        var faults = Faults.Values.ToArray();
        for (var round = 0; round < 4; round++)
        {
            var crowd = stack.StartPosting(ledger, BatchSizes);
            for (var i = 0; i < 6; i++)
            {
                faults[random.Next(faults.Length)](stack.Network);
                await Eventually.PauseAsync(TimeSpan.FromMilliseconds(random.Next(50, 800)));
                stack.Network.Heal();
                await crowd.AdvanceAsync(random.Next(0, 200));
            }

            await (round % 2 == 0 ? stack.Influx.KillAsync() : stack.Server.KillAsync());
            Assert.Empty(await crowd.StopAsync());
            await (round % 2 == 0 ? stack.Influx.RestartAsync() : stack.Server.RestartAsync());
        }

        await stack.AssertKeptAsync(ledger);
    }
}
