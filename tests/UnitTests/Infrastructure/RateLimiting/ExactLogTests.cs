using CsCheck;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

/// <summary>Two counters a key against a log that remembers the time of every grant: over random traffic both grant as much in total.</summary>
public sealed class ExactLogTests
{
    private const int WindowSeconds = 10;
    private const long Length = WindowSeconds * 1000L;
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private static readonly Gen<Phase> Phases =
        from shape in Gen.Enum<Shape>()
        from share in Gen.OneOf(Gen.Double[0.3, 0.9], Gen.Double[0.9, 1.1], Gen.Double[1.1, 3])
        from isBatch in Gen.Bool
        from windows in Gen.Int[10, 30]
        select new Phase(shape, share, isBatch, windows);

    private static readonly Gen<Traffic> Traffics =
        from quota in Gen.Int[300, 1_500]
        from phases in Phases.Array[20]
        from seed in Gen.Int
        select new Traffic(quota, phases, seed);

    [Fact]
    public void In_total_less_than_a_hundredth_more_or_less_is_granted() => Traffics.Sample(
        traffic =>
        {
            var (ours, exact) = Granted(traffic);
            var error = Math.Abs(ours - exact) / (double)exact;
            Assert.True(error < 0.01, $"{traffic}: {ours} granted, {exact} by the log: {error:P2}");
        },
        iter: 60);

    // What docs/rate-limits.md tells: the count of a window is taken for spread over it, so a burst at its end is forgotten too early.
    [Fact]
    public async Task Bursts_at_the_ends_of_windows_are_the_worst_case()
    {
        var tier = new Tier("a", 100, null, WindowSeconds, 0);
        var time = new FakeTimeProvider(Start);
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

    private static (long Ours, long Exact) Granted(Traffic traffic)
    {
        var tier = new Tier("a", null, traffic.Quota, WindowSeconds, 0);
        var start = Start.ToUnixTimeMilliseconds();
        var counter = new KeyCounter(tier, start);
        var log = new ExactLog(traffic.Quota, Length);
        var ours = 0L;
        foreach (var (at, cost) in traffic.Requests())
        {
            if (counter.Decide(tier, new RequestCost(1, cost), isTaken: true, start + at)!.Outcome == RateLimitOutcome.Granted)
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

        /// <summary>In bursts of a hundredth of the quota, at random times.</summary>
        Bursts,
    }

    /// <param name="Shape">How it is spread over time.</param>
    /// <param name="Share">How much is sent, in quotas a window.</param>
    /// <param name="IsBatch">Whether a request brings several measurements, up to a two hundredth of the quota.</param>
    /// <param name="Windows">How long it lasts.</param>
    private sealed record Phase(Shape Shape, double Share, bool IsBatch, int Windows);

    private sealed record Traffic(int Quota, Phase[] Phases, int Seed)
    {
        public IEnumerable<(long At, int Cost)> Requests()
        {
            var random = new Random(Seed);
            var start = 0L;
            foreach (var phase in Phases)
            {
                foreach (var (at, cost) in Requests(phase, random))
                    yield return (start + at, cost);
                start += phase.Windows * Length;
            }
        }

        public override string ToString() => $"quota {Quota}, seed {Seed}: {string.Join("; ", Phases.Select(phase => phase.ToString()))}";

        private IEnumerable<(long At, int Cost)> Requests(Phase phase, Random random)
        {
            var largest = phase.IsBatch ? Math.Max(2, Quota / 200) : 1;
            var gap = Length * (1 + largest) / 2d / (Quota * phase.Share);
            var (at, left, burst) = (0d, 0, Math.Max(2, Quota / 50 / (1 + largest)));
            while (true)
            {
                at += phase.Shape switch
                {
                    Shape.Steady => gap,
                    Shape.Poisson => -gap * Math.Log(1 - random.NextDouble()),
                    _ when left > 0 => 0,
                    _ => -gap * burst * Math.Log(1 - random.NextDouble()),
                };
                left = left > 0 ? left - 1 : burst - 1;
                if (at >= phase.Windows * Length)
                    yield break;
                yield return ((long)at, random.Next(1, largest + 1));
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
