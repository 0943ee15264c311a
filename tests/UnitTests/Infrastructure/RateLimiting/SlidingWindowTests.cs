using CsCheck;
using IotBackend.Infrastructure.RateLimiting;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

public sealed class SlidingWindowTests
{
    // States that can come about: what is used never exceeds the quota, nor what is saved the burst.
    private static readonly Gen<State> States =
        from seconds in Gen.Int[1, 5]
        from quota in Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 5_000], Gen.Const(1_000_000_000))
        from burst in Gen.OneOf(Gen.Const(0), Gen.Int[0, 3 * Math.Min(quota, 10_000)], Gen.Const(1_000_000_000))
        from saved in Gen.Int[0, burst]
        from elapsed in Gen.Int[0, (seconds * 1000) - 1]
        from previous in Gen.Int[0, quota]
        let left = quota - (int)((long)previous * ((seconds * 1000) - elapsed) / (seconds * 1000))
        from current in Gen.Int[0, left]
        from cost in Gen.OneOf(Gen.Int[1, Math.Min(quota, 3)], Gen.Int[1, quota], Gen.Int[1, (int)Math.Min(int.MaxValue, (long)quota + burst)])
        select new State(
            new WindowCount { Previous = previous, Current = current, Saved = saved },
            new WindowTime(1_000, elapsed, seconds * 1000L),
            new WindowLimit(quota, burst),
            cost);

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 99)]
    [InlineData(30_000, 50)]
    [InlineData(59_999, 0)]
    public void Previous_window_weighs_as_far_as_the_sliding_one_reaches_into_it(long elapsed, long expected)
    {
        var count = new WindowCount { Previous = 100, Current = 7 };

        Assert.Equal(expected + 7, SlidingWindow.Used(count, new WindowTime(5, elapsed, 60_000)));
    }

    [Fact]
    public void Wait_is_exact_to_the_millisecond() => States.Sample(
        state =>
        {
            var wait = SlidingWindow.Wait(state.Count, state.Time, state.Limit, state.Cost);
            return state.IsGrantedAfter(wait) && (wait == 0 || !state.IsGrantedAfter(wait - 1));
        },
        iter: 20_000);

    [Fact]
    public void Whoever_waits_longer_gets_through_as_well() =>
        Gen.Select(States, Gen.Long[0, 60_000]).Sample(
            (state, longer) => state.IsGrantedAfter(SlidingWindow.Wait(state.Count, state.Time, state.Limit, state.Cost) + longer), iter: 20_000);

    [Fact]
    public void Whole_quota_is_there_at_the_very_millisecond_that_is_told() => States.Sample(
        state =>
        {
            var wait = SlidingWindow.UntilUnused(state.Count, state.Time);
            return state.UsedAfter(wait) == 0 && (wait == 0 || state.UsedAfter(wait - 1) > 0);
        },
        iter: 20_000);

    [Fact]
    public void What_is_taken_is_not_there_any_more() => States.Sample(
        state =>
        {
            var before = SlidingWindow.Remaining(state.Count, state.Time, state.Limit);
            if (before < state.Cost)
                return true;
            var count = state.Count;
            SlidingWindow.Take(ref count, state.Time, state.Limit, state.Cost);
            return SlidingWindow.Remaining(count, state.Time, state.Limit) == before - state.Cost
                && SlidingWindow.Used(count, state.Time) <= state.Limit.Quota && count.Saved >= 0;
        },
        iter: 20_000);

    [Fact]
    public void Burst_is_touched_only_when_the_quota_does_not_suffice()
    {
        var limit = new WindowLimit(100, 50);
        var time = new WindowTime(5, 0, 60_000);
        var count = SlidingWindow.New(limit);

        SlidingWindow.Take(ref count, time, limit, 100);
        Assert.Equal(50, count.Saved);
        SlidingWindow.Take(ref count, time, limit, 50);
        Assert.Equal((100, 0), (count.Current, count.Saved));
        Assert.Equal(0, SlidingWindow.Remaining(count, time, limit));
    }

    [Fact]
    public void Windows_that_used_little_save_what_they_left_over_up_to_the_burst()
    {
        var limit = new WindowLimit(100, 250);
        var count = new WindowCount { Current = 40 };

        SlidingWindow.Advance(ref count, 1, limit);
        Assert.Equal((40, 0, 60), (count.Previous, count.Current, count.Saved));
        SlidingWindow.Advance(ref count, 2, limit);
        Assert.Equal((0, 0, 250), (count.Previous, count.Current, count.Saved));
        SlidingWindow.Advance(ref count, long.MaxValue, limit);
        Assert.Equal((0, 0, 250), (count.Previous, count.Current, count.Saved));
    }

    private sealed record State(WindowCount Count, WindowTime Time, WindowLimit Limit, int Cost)
    {
        public bool IsGrantedAfter(long wait)
        {
            var (count, time) = After(wait);
            return SlidingWindow.Remaining(count, time, Limit) >= Cost;
        }

        public long UsedAfter(long wait)
        {
            var (count, time) = After(wait);
            return SlidingWindow.Used(count, time);
        }

        private (WindowCount Count, WindowTime Time) After(long wait)
        {
            var count = Count;
            var at = WindowTime.At((Time.Index * Time.Length) + Time.Elapsed + wait, (int)(Time.Length / 1000));
            if (at.Index > Time.Index)
                SlidingWindow.Advance(ref count, at.Index - Time.Index, Limit);
            return (count, at);
        }
    }
}
