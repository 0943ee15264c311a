using System.Globalization;
using CsCheck;
using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>The limiter on a real Redis does what the one in memory does, to the last bit.</summary>
public sealed class RedisRateLimiterTests(RedisFixture redis) : RateLimiterContract, IAsyncLifetime
{
    private RedisNode _node = null!;
    private int _made;

    private protected override int Samples => 60;

    private protected override int Threaded => 300;

    // Where an answer was late, because the machine stood still, it was decided here as well as in Redis.
    private protected override int TolerancePercent => _node.Connection.Unanswered == 0 ? 0 : 2;

    public async ValueTask InitializeAsync()
    {
        var server = await redis.ServerAsync();
        _node = await RedisNode.StartAsync(server.Configuration, redis.NewPrefix());
        await _node.AnswersAsync();
    }

    public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Decisions_are_those_of_the_limiter_in_memory()
    {
        await Histories.SampleAsync(
            async history =>
            {
                var time = new FakeTimeProvider(WindowStart);
                var tiers = new TestTiers(history.Tiers[0]);
                var (inRedis, inMemory) = (Make(tiers, time), new RateLimiter(tiers, time));
                foreach (var step in history.Steps)
                {
                    time.Advance(TimeSpan.FromMilliseconds(step.Pause));
                    tiers.Set(history.Tiers[step.Tier % history.Tiers.Length]);
                    var cost = new RequestCost(1, step.Cost);
                    Assert.Equal(
                        await inMemory.AcquireAsync(Caller, cost, CancellationToken.None), await inRedis.AcquireAsync(Caller, cost, CancellationToken.None));
                    Assert.Equal(await inMemory.LookAsync(Caller, CancellationToken.None), await inRedis.LookAsync(Caller, CancellationToken.None));
                }
            },
            iter: 150,
            threads: 1);
        Assert.True(_node.Connection.Answers, "It was Redis that decided, not what stands in for it.");
    }

    [Fact]
    public async Task Largest_numbers_are_decided_exactly()
    {
        Use(new Tier("own", Tier.MaxPerWindow, Tier.MaxPerWindow, Tier.MaxWindowSeconds, Tier.MaxPerWindow));
        Time.Advance(TimeSpan.FromMilliseconds(1_234_567));
        var inMemory = new RateLimiter(Tiers, Time);
        foreach (var cost in new[] { 999_999_999, 999_999_998, 3, 1_000_000_000, 1 })
        {
            Assert.Equal(await inMemory.TakeAsync(Caller, cost), await Limiter.TakeAsync(Caller, cost));
            Time.Advance(TimeSpan.FromMilliseconds(3_599_999));
        }
    }

    [Fact]
    public async Task Two_nodes_count_together()
    {
        Use(new Tier("own", 50, 1_000, 60, 0));
        await using var other = await OtherAsync();
        var here = Limiter;
        var there = MakeOn(other, _made, Tiers, Time);
        var granted = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await (i % 2 == 0 ? here : there).TakeAsync(Caller, 10)).Outcome == RateLimitOutcome.Granted)
                granted++;
        }

        Assert.Equal(50, granted);
    }

    [Fact]
    public async Task Real_clock_is_that_of_the_server()
    {
        // The node's own stands for a year long gone.
        Use(new Tier("own", 5, null, 3_600, 0));
        var limiter = new RedisRateLimiter(
            new RateLimiter(Tiers, Time), _node.Connection, _node.Prefix + "real:", clock: null, NullLogger<RedisRateLimiter>.Instance);
        var decision = await limiter.TakeAsync(Caller);
        Assert.InRange(Math.Abs(decision.At - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()), 0, 60_000);
        for (var i = 0; i < 4; i++)
            await limiter.TakeAsync(Caller);

        // A look goes by the same clock.
        var look = (await limiter.LookAsync(Caller, CancellationToken.None))!;
        Assert.Equal(RateLimitOutcome.Exceeded, look.Outcome);
        Assert.InRange(Math.Abs(look.At - decision.At), 0, 60_000);
    }

    [Fact]
    public async Task Counter_goes_when_it_says_no_more_than_a_new_one()
    {
        var server = await redis.ServerAsync();
        Use(new Tier("own", 5, 100, 1, 0));
        var limiter = new RedisRateLimiter(
            new RateLimiter(Tiers, TimeProvider.System), _node.Connection, _node.Prefix + "idle:", clock: null, NullLogger<RedisRateLimiter>.Instance);
        await limiter.TakeAsync(Caller, 10);
        Assert.Contains($"{_node.Prefix}idle:limit1:{Caller.KeyId}", await server.AskAsync($"KEYS {_node.Prefix}idle:*"), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => await server.AskAsync($"KEYS {_node.Prefix}idle:*") == "*0\r\n", "the counter is gone");
    }

    [Fact]
    public async Task Script_that_the_server_has_forgotten_is_sent_again()
    {
        var server = await redis.ServerAsync();
        Use(new Tier("own", 5, null, 60, 0));
        await Limiter.TakeAsync(Caller);
        Assert.Equal("+OK\r\n", await server.AskAsync("SCRIPT FLUSH"));
        Assert.Equal(3, (await Limiter.TakeAsync(Caller)).Requests.Remaining);
        Assert.True(_node.Connection.Answers);
        Assert.False(_node.Connection.Refuses);
    }

    [Fact]
    public async Task What_was_counted_without_redis_stays_counted()
    {
        await using var own = await RedisServer.StartAsync();
        await using var node = await RedisNode.StartAsync(own.Configuration, "lost:");
        await node.AnswersAsync();
        Use(new Tier("own", 10, null, 60, 0));
        var limiter = MakeOn(node, 0, Tiers, Time);
        for (var i = 0; i < 4; i++)
            await limiter.TakeAsync(Caller);
        await own.KillAsync();
        await Eventually.TrueAsync(() => !node.Connection.Answers, "it is noticed");
        for (var i = 0; i < 3; i++)
            Assert.Equal(RateLimitOutcome.Granted, (await limiter.TakeAsync(Caller)).Outcome);
        await own.RestartAsync();
        await node.AnswersAsync();

        // Redis has forgotten all, this node nothing.
        Assert.Equal(2, (await limiter.TakeAsync(Caller)).Requests.Remaining);
        Assert.Equal(1, (await limiter.TakeAsync(Caller)).Requests.Remaining);
        Assert.Contains(Caller.KeyId, await own.AskAsync("KEYS lost:*"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_each_node_granted_by_itself_is_added_up()
    {
        await using var own = await RedisServer.StartAsync();
        await using var node = await RedisNode.StartAsync(own.Configuration, "apart:");
        await using var other = await RedisNode.StartAsync(own.Configuration, "apart:");
        Use(new Tier("own", 100, null, 60, 0));
        var (here, there) = (MakeOn(node, 0, Tiers, Time), MakeOn(other, 0, Tiers, Time));
        await node.AnswersAsync();
        await other.AnswersAsync();
        await here.TakeAsync(Caller);
        await there.TakeAsync(Caller);
        await own.SuspendAsync();
        await Eventually.TrueAsync(() => !node.Connection.Answers && !other.Connection.Answers, "it is noticed");
        for (var i = 0; i < 20; i++)
        {
            await here.TakeAsync(Caller);
            await there.TakeAsync(Caller);
        }

        await own.ResumeAsync();
        await node.AnswersAsync();
        await other.AnswersAsync();
        await here.TakeAsync(Caller);
        Assert.Equal(100 - 44, (await there.TakeAsync(Caller)).Requests.Remaining);
        Assert.Equal(100 - 45, (await here.TakeAsync(Caller)).Requests.Remaining);
    }

    private protected override IRateLimiter Make(ITiers tiers, TimeProvider time) => MakeOn(_node, Interlocked.Increment(ref _made), tiers, time);

    private protected override void Sweep()
    {
        // Redis ends counters itself.
    }

    private async Task<RedisNode> OtherAsync()
    {
        var node = await RedisNode.StartAsync((await redis.ServerAsync()).Configuration, _node.Prefix);
        await node.AnswersAsync();
        return node;
    }

    private static RedisRateLimiter MakeOn(RedisNode node, int number, ITiers tiers, TimeProvider time) => new(
        new RateLimiter(tiers, time), node.Connection, string.Create(CultureInfo.InvariantCulture, $"{node.Prefix}{number}:"),
        () => time.GetUtcNow().ToUnixTimeMilliseconds(), NullLogger<RedisRateLimiter>.Instance);

    private static readonly Gen<Tier> SomeTiers =
        from requests in Gen.OneOf(Gen.Const((long?)null), Gen.Long[1, 20].Select(value => (long?)value))
        from measurements in Gen.OneOf(Gen.Const((long?)null), Gen.Long[1, 200].Select(value => (long?)value))
        from seconds in Gen.Int[1, 5]
        from burst in Gen.OneOf(Gen.Const(0L), Gen.Long[1, 500])
        select new Tier("own", requests ?? (measurements is null ? 3 : null), measurements, seconds, measurements is null ? 0 : burst);

    private static readonly Gen<History> Histories =
        from tiers in SomeTiers.Array[1, 3]
        from steps in Gen.Select(Gen.OneOf(Gen.Const(0), Gen.Int[0, 1_500], Gen.Int[0, 20_000]), Gen.Int[0, 2], Gen.OneOf(Gen.Int[0, 20], Gen.Int[0, 800])).Array[1, 40]
        select new History(tiers, [.. steps.Select(step => new Step(step.Item1, step.Item2, step.Item3))]);

    private sealed record History(Tier[] Tiers, Step[] Steps)
    {
        public override string ToString() => $"{string.Join("; ", Tiers.Select(tier => tier.ToString()))}: {string.Join("; ", Steps.Select(step => step.ToString()))}";
    }

    private sealed record Step(int Pause, int Tier, int Cost);
}
