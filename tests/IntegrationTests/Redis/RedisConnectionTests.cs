using IotBackend.Infrastructure.Redis;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>Nobody waits for a Redis that does not answer, whatever is wrong with it.</summary>
[Collection(AloneCollection.Name)]
public sealed class RedisConnectionTests
{
    // The bound itself, and what a busy machine takes to wake whoever waits.
    private static readonly TimeSpan Bound = RedisConnection.Patience + TimeSpan.FromMilliseconds(450);

    [Fact]
    public async Task Server_that_hangs_holds_up_nobody_and_is_used_again_when_it_goes_on()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await RedisNode.StartAsync(server.Configuration, "hang:");
        await node.AnswersAsync();
        Assert.Null(await TryAsync(node));
        await server.SuspendAsync();
        await AllFailInTimeAsync(node);
        await server.ResumeAsync();
        await node.AnswersAsync();
        await Eventually.TrueAsync(async () => await TryAsync(node) is null, "it answers");
    }

    [Fact]
    public async Task Server_that_was_killed_is_used_again_when_it_is_started()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await RedisNode.StartAsync(server.Configuration, "kill:");
        await node.AnswersAsync();
        await server.KillAsync();
        await AllFailInTimeAsync(node);
        await server.RestartAsync();
        await node.AnswersAsync();
        await Eventually.TrueAsync(async () => await TryAsync(node) is null, "it answers");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Network_that_swallows_everything_holds_up_nobody(bool isAnswers)
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var node = await RedisNode.StartAsync(RedisServer.At(proxy.Url.Port), "hole:");
        await node.AnswersAsync();
        if (isAnswers)
            proxy.BreakAnswers(LinkFault.BlackHole);
        else
            proxy.BreakRequests(LinkFault.BlackHole);
        await AllFailInTimeAsync(node);
        proxy.Heal();
        await node.AnswersAsync();
    }

    [Fact]
    public async Task Slow_network_is_as_good_as_none()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var node = await RedisNode.StartAsync(RedisServer.At(proxy.Url.Port), "slow:");
        await node.AnswersAsync();
        proxy.BreakAnswers(new LinkFault { Delay = TimeSpan.FromMilliseconds(400) });
        await AllFailInTimeAsync(node);
        proxy.Heal();
        await node.AnswersAsync();
    }

    [Fact]
    public async Task Server_without_memory_counts_as_away_until_it_has_some()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await RedisNode.StartAsync(server.Configuration, "full:");
        await node.AnswersAsync();
        Assert.Equal("+OK\r\n", await server.AskAsync("CONFIG SET maxmemory 1"));
        await Eventually.TrueAsync(() => !node.Connection.Answers, "it counts as away");
        Assert.Equal("+OK\r\n", await server.AskAsync("CONFIG SET maxmemory 0"));
        await node.AnswersAsync();
    }

    // At first each waits for the bound; from the third on nobody waits at all.
    private static async Task AllFailInTimeAsync(RedisNode node)
    {
        var waits = new List<TimeSpan>();
        await Eventually.TrueAsync(
            async () =>
            {
                var began = TimeProvider.System.GetTimestamp();
                if (await TryAsync(node) is RedisAwayException)
                    waits.Add(TimeProvider.System.GetElapsedTime(began));
                return !node.Connection.Answers;
            },
            "it counts as away");
        for (var i = 0; i < 100; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            if (await TryAsync(node) is RedisAwayException)
                waits.Add(TimeProvider.System.GetElapsedTime(began));
        }

        Assert.InRange(waits.Max(), TimeSpan.Zero, Bound);
        Assert.InRange(waits.Order().ElementAt(waits.Count / 2), TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    }

    private static async Task<Exception?> TryAsync(RedisNode node) => await Record.ExceptionAsync(
        () => node.Connection.AskAsync(static (database, key) => database.StringIncrementAsync(key), node.Prefix + "count"));
}
