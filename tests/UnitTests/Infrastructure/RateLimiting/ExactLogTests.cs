using CsCheck;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

/// <summary>Two counters a key against a log that remembers the time of every grant: over random traffic both grant as much in total.</summary>
public sealed class ExactLogTests
{
    private const int Windows = 400;
    private const int WindowSeconds = 10;
    private const long Length = WindowSeconds * 1000L;

    private static readonly Gen<Traffic> Traffics =
        from quota in Gen.Int[100, 1_000]
        from share in Gen.Double[0.3, 3]
        from shape in Gen.Enum<Shape>()
        from isBatch in Gen.Bool
        from seed in Gen.Int
        select new Traffic(quota, share, shape, isBatch ? Math.Max(1, quota / 20) : 1, seed);

    [Fact]
    public Task In_total_less_than_a_hundredth_more_or_less_is_granted() => Traffics.SampleAsync(
        async traffic =>
        {
            var (ours, exact) = await GrantedAsync(traffic);
            var error = Math.Abs(ours - exact) / (double)exact;
            Assert.True(error < 0.01, $"{traffic}: {ours} granted, {exact} by the log: {error:P2}");
        },
        iter: 150);

    // What docs/rate-limits.md tells: the count of a window is taken for spread over it, so a burst at its end is forgotten too early.
    [Fact]
    public async Task Bursts_at_the_ends_of_windows_are_the_worst_case()
    {
        var tier = new Tier("a", 100, null, WindowSeconds, 0);
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        var limiter = new RateLimiter(new TestTiers(tier), time);
        time.Advance(TimeSpan.FromMilliseconds(Length - 1));
        var before = await CountAsync(limiter);
        time.Advance(TimeSpan.FromMilliseconds(Length / 2));
        var after = await CountAsync(limiter);

        Assert.Equal((100, 50), (before, after));
    }

    private static async Task<int> CountAsync(RateLimiter limiter)
    {
        var granted = 0;
        while ((await limiter.TakeAsync(TestTiers.Caller("a"))).Outcome == RateLimitOutcome.Granted)
            granted++;
        return granted;
    }

    private static async Task<(long Ours, long Exact)> GrantedAsync(Traffic traffic)
    {
        var start = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var time = new FakeTimeProvider(start);
        var limiter = new RateLimiter(new TestTiers(new Tier("a", null, traffic.Quota, WindowSeconds, 0)), time);
        var log = new ExactLog(traffic.Quota, Length);
        var caller = TestTiers.Caller("a");
        var ours = 0L;
        foreach (var (at, cost) in traffic.Requests(Windows * Length, Length))
        {
            time.SetUtcNow(start.AddMilliseconds(at));
            if ((await limiter.TakeAsync(caller, cost)).Outcome == RateLimitOutcome.Granted)
                ours += cost;
            log.TryTake(at, cost);
        }

        return (ours, log.Granted);
    }

    private enum Shape
    {
        /// <summary>At equal distances.</summary>
        Steady,

        /// <summary>At random times.</summary>
        Poisson,

        /// <summary>Several bursts a window, at random times.</summary>
        Bursts,
    }

    /// <param name="Quota">Measurements a window.</param>
    /// <param name="Share">How much is sent, in quotas.</param>
    /// <param name="Shape">How it is spread over time.</param>
    /// <param name="LargestCost">Each request costs from 1 to this.</param>
    /// <param name="Seed">Makes it repeatable.</param>
    private sealed record Traffic(int Quota, double Share, Shape Shape, int LargestCost, int Seed)
    {
        public IEnumerable<(long At, int Cost)> Requests(long duration, long length)
        {
            var random = new Random(Seed);
            var gap = length * (1 + LargestCost) / 2d / (Quota * Share);
            var (at, left, burst) = (0d, 0, Math.Max(1, Quota / 20));
            while (true)
            {
                at += Shape switch
                {
                    Shape.Steady => gap,
                    Shape.Poisson => -gap * Math.Log(1 - random.NextDouble()),
                    _ when left-- > 0 => 0,
                    _ => -gap * burst * Math.Log(1 - random.NextDouble()),
                };
                if (left < 0)
                    left = burst - 1;
                if (at >= duration)
                    yield break;
                yield return ((long)at, random.Next(1, LargestCost + 1));
            }
        }
    }

    /// <summary>Grants when what was granted in the last window of time, to the millisecond, leaves room.</summary>
    private sealed class ExactLog(long quota, long length)
    {
        private readonly Queue<(long At, int Cost)> _grants = new();
        private long _used;

        public long Granted { get; private set; }

        public void TryTake(long at, int cost)
        {
            while (_grants.TryPeek(out var oldest) && oldest.At <= at - length)
                _used -= _grants.Dequeue().Cost;
            if (_used + cost > quota)
                return;
            _grants.Enqueue((at, cost));
            _used += cost;
            Granted += cost;
        }
    }
}
