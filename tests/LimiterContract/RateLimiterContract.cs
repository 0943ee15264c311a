using CsCheck;
using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.LimiterContract;

/// <summary>What every rate limiter must do, wherever it counts.</summary>
public abstract class RateLimiterContract
{
    private protected static readonly DateTimeOffset WindowStart = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private protected static readonly Caller Caller = TestTiers.Caller("own");

    private readonly FakeTimeProvider _time = new(WindowStart);
    private readonly TestTiers _tiers = new(Tier.Standard, Tier.Unlimited);
    private readonly Lazy<IRateLimiter> _limiter;

    // One, however many threads ask for it first.
    protected RateLimiterContract() => _limiter = new Lazy<IRateLimiter>(() => Make(_tiers, _time));

    private protected FakeTimeProvider Time => _time;

    private protected TestTiers Tiers => _tiers;

    private protected IRateLimiter Limiter => _limiter.Value;

    /// <summary>How many random histories are played through.</summary>
    private protected virtual int Samples => 300;

    /// <summary>How many requests each of several threads sends.</summary>
    private protected virtual int Threaded => 2_000;

    /// <summary>By how many per cent what is granted may differ from what is counted; asked when it is compared.</summary>
    private protected virtual int TolerancePercent => 0;

    /// <summary>One that has counted nothing yet, and goes by the given clock.</summary>
    private protected abstract IRateLimiter Make(ITiers tiers, TimeProvider time);

    /// <summary>What the limiter does now and then to save memory.</summary>
    private protected abstract void Sweep();

    [Fact]
    public async Task Request_at_the_limit_is_granted_and_one_more_is_not()
    {
        Use(new Tier("own", 3, 100, 60, 0));
        for (var i = 0; i < 3; i++)
            Assert.Equal(RateLimitOutcome.Granted, (await Limiter.TakeAsync(Caller, 1)).Outcome);

        var refused = await Limiter.TakeAsync(Caller, 1);

        Assert.Equal((RateLimitOutcome.Exceeded, 0L, 97L), (refused.Outcome, refused.Requests.Remaining, refused.Measurements.Remaining));
        Assert.False(refused.IsMeasurementsTighter);
        var error = refused.ToError()!;
        Assert.Equal((ErrorKind.RateLimited, ErrorCodes.RateLimitExceeded), (error.Kind, error.Code));
        Assert.Equal(("own-requests", 3L, 3L, 60), (error.Details["policy"], error.Details["limit"], error.Details["used"], error.Details["windowSeconds"]));
    }

    [Fact]
    public async Task What_is_refused_is_not_counted_on_either_limit()
    {
        Use(new Tier("own", 10, 100, 60, 0));
        await Limiter.TakeAsync(Caller, 60);

        var refused = await Limiter.TakeAsync(Caller, 41);
        var granted = await Limiter.TakeAsync(Caller, 40);

        Assert.Equal((RateLimitOutcome.Exceeded, 9L, 40L), (refused.Outcome, refused.Requests.Remaining, refused.Measurements.Remaining));
        Assert.Equal("own-measurements", refused.ToError()!.Details["policy"]);
        Assert.Equal((RateLimitOutcome.Granted, 8L, 0L), (granted.Outcome, granted.Requests.Remaining, granted.Measurements.Remaining));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Batch_beyond_what_a_whole_window_allows_is_too_large_at_any_time(int burst)
    {
        Use(new Tier("own", 10, 100, 60, burst));
        for (var i = 0; i < 12; i++)
        {
            var refused = await Limiter.TakeAsync(Caller, 101 + burst);
            Assert.Equal((RateLimitOutcome.TooLarge, ErrorKind.TooLarge, ErrorCodes.BatchTooLarge), (refused.Outcome, refused.ToError()!.Kind, refused.ToError()!.Code));
            await Limiter.TakeAsync(Caller);
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RateLimitOutcome.Granted, (await Limiter.TakeAsync(Caller, 100 + burst)).Outcome);
    }

    [Fact]
    public async Task Key_of_a_tier_that_does_not_exist_is_held_to_standard() =>
        Assert.Equal("standard", (await Limiter.TakeAsync(TestTiers.Caller("gone"))).Tier.Name);

    [Fact]
    public async Task Look_takes_nothing()
    {
        Use(new Tier("own", 1, 100, 60, 0));
        for (var i = 0; i < 3; i++)
            Assert.Equal((RateLimitOutcome.Granted, 1L), await LookAsync());
        await Limiter.TakeAsync(Caller);
        Assert.Equal((RateLimitOutcome.Exceeded, 0L), await LookAsync());

        async Task<(RateLimitOutcome Outcome, long Remaining)> LookAsync()
        {
            var look = (await Limiter.LookAsync(Caller, CancellationToken.None))!;
            return (look.Outcome, look.Requests.Remaining);
        }
    }

    [Fact]
    public async Task Offline_device_sends_its_backlog_from_the_burst_once()
    {
        Use(new Tier("own", 10, 100, 60, 300));

        // 30 requests are saved beside 300 measurements.
        for (var i = 0; i < 40; i++)
            Assert.Equal(RateLimitOutcome.Granted, (await Limiter.TakeAsync(Caller, 10)).Outcome);
        Assert.Equal(RateLimitOutcome.Exceeded, (await Limiter.TakeAsync(Caller)).Outcome);

        // A window later the quota is there again, and nothing was saved.
        _time.Advance(TimeSpan.FromSeconds(119.5));
        Assert.Equal((10L, 100L), await RemainingAsync());

        // Idle windows save theirs.
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((20L, 200L), await RemainingAsync());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((40L, 400L), await RemainingAsync());
    }

    [Fact]
    public async Task Headers_tell_until_when()
    {
        Use(new Tier("own", 2, 100, 60, 0));
        var first = await Limiter.TakeAsync(Caller, 1);

        // Half of one request weighs less than one from the middle of the next window on, and so does none of one measurement.
        Assert.Equal(60_001, first.Requests.Reset);
        var second = await Limiter.TakeAsync(Caller, 1);
        Assert.Equal((0L, 60_001L), (second.Requests.Remaining, second.Requests.Reset));
        var refused = await Limiter.TakeAsync(Caller, 1);
        Assert.Equal((60_001L, 60_001L), (refused.Requests.Wait, refused.Requests.Reset));
        Assert.Equal(TimeSpan.FromMilliseconds(60_001), refused.ToError()!.RetryAfter);
    }

    [Fact]
    public Task Whoever_waits_as_told_gets_through_and_not_before() => (
        from requests in Gen.Int[1, 20]
        from measurements in Gen.Int[1, 200]
        from seconds in Gen.Int[1, 4]
        from burst in Gen.OneOf(Gen.Const(0), Gen.Int[1, 500])
        from traffic in Gen.Select(Gen.Int[0, 1_500], Gen.Int[0, measurements + burst]).Array[1, 60]
        select (Tier: new Tier("own", requests, measurements, seconds, burst), Traffic: traffic)).SampleAsync(
        async sample =>
        {
            var time = new FakeTimeProvider(WindowStart);
            var limiter = Make(new TestTiers(sample.Tier), time);
            foreach (var (pause, cost) in sample.Traffic)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                var refused = await limiter.TakeAsync(Caller, cost);
                if (refused.Outcome == RateLimitOutcome.Granted)
                    continue;
                var wait = refused.ToError()!.RetryAfter!.Value;
                time.Advance(wait - TimeSpan.FromMilliseconds(1));
                Assert.Equal(RateLimitOutcome.Exceeded, (await limiter.TakeAsync(Caller, cost)).Outcome);

                // The header tells whole seconds.
                time.Advance(TimeSpan.FromMilliseconds(1) + TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)) - wait);
                Assert.Equal(RateLimitOutcome.Granted, (await limiter.TakeAsync(Caller, cost)).Outcome);
            }
        },
        iter: Samples,
        threads: 1);

    [Fact]
    public async Task Many_threads_on_one_key_never_take_too_much()
    {
        Use(new Tier("own", 1_000, 5_000, 60, 0));
        var granted = new (int Requests, int Measurements)[8];
        await Task.WhenAll(Enumerable.Range(0, granted.Length).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < Threaded; i++)
            {
                if ((await Limiter.TakeAsync(Caller, i % 20)).Outcome == RateLimitOutcome.Granted)
                    granted[thread] = (granted[thread].Requests + 1, granted[thread].Measurements + (i % 20));
                if (i % 100 == 0)
                    Sweep();
            }
        })));

        var state = (await Limiter.LookAsync(Caller, CancellationToken.None))!;
        AssertIs(1_000 - state.Requests.Remaining, granted.Sum(thread => thread.Requests));
        AssertIs(5_000 - state.Measurements.Remaining, granted.Sum(thread => thread.Measurements));
        Assert.True(state.Requests.Remaining == 0 || state.Measurements.Remaining < 20);
    }

    [Fact]
    public async Task Lower_limit_holds_at_once_and_lets_through_again_in_time()
    {
        Use(new Tier("own", 100, 1_000, 60, 500));
        for (var i = 0; i < 50; i++)
            await Limiter.TakeAsync(Caller, 20);

        Use(new Tier("own", 10, 1_000, 60, 0));
        var refused = await Limiter.TakeAsync(Caller);
        Assert.Equal((RateLimitOutcome.Exceeded, 10L, 0L), (refused.Outcome, refused.Requests.Used, refused.Requests.Remaining));
        Assert.InRange(refused.Requests.Wait, 60_000, 66_000);
        _time.Advance(TimeSpan.FromMilliseconds(refused.Requests.Wait));
        Assert.Equal(RateLimitOutcome.Granted, (await Limiter.TakeAsync(Caller)).Outcome);

        Use(new Tier("own", 100, 1_000, 60, 0));
        Assert.InRange((await RemainingAsync()).Requests, 85, 95);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(600)]
    public async Task Another_length_of_the_window_keeps_what_is_used_now(int seconds)
    {
        Use(new Tier("own", 10, 100, 60, 0));
        for (var i = 0; i < 10; i++)
            await Limiter.TakeAsync(Caller, 10);
        _time.Advance(TimeSpan.FromSeconds(90));

        // Half of the window before is left in the sliding one.
        Use(new Tier("own", 10, 100, seconds, 0));
        Assert.Equal((5L, 50L), await RemainingAsync());
        _time.Advance(TimeSpan.FromSeconds(2 * seconds));
        Assert.Equal((10L, 100L), await RemainingAsync());
    }

    [Fact]
    public async Task Clock_that_is_put_back_locks_nobody_out()
    {
        var time = new SettableTime(WindowStart);
        var limiter = Make(new TestTiers(new Tier("own", 10, null, 60, 0)), time);
        for (var i = 0; i < 10; i++)
            await limiter.TakeAsync(Caller);

        // A little: the window stays. For good: what was used is used in the window that is current now.
        time.Now = WindowStart.AddMilliseconds(-5);
        Assert.Equal(0, (await limiter.TakeAsync(Caller)).Requests.Remaining);
        time.Now = WindowStart.AddDays(-1);
        Assert.Equal(0, (await limiter.TakeAsync(Caller)).Requests.Remaining);
        time.Now = WindowStart.AddDays(-1).AddMinutes(2);
        Assert.Equal(9, (await limiter.TakeAsync(Caller)).Requests.Remaining);
    }

    [Fact]
    public async Task Tier_without_limits_is_granted_all()
    {
        for (var i = 0; i < 5; i++)
            Assert.Null(await Limiter.AcquireAsync(TestTiers.Caller("unlimited"), new RequestCost(1, 1_000_000), CancellationToken.None));
    }

    private void AssertIs(long counted, long granted) =>
        Assert.InRange(granted, counted - (counted * TolerancePercent / 100), counted + (counted * TolerancePercent / 100));

    private protected void Use(Tier tier) => _tiers.Set(tier);

    private protected async Task<(long Requests, long Measurements)> RemainingAsync()
    {
        var look = (await Limiter.LookAsync(Caller, CancellationToken.None))!;
        return (look.Requests.Remaining, look.Measurements.Remaining);
    }

    private sealed class SettableTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
