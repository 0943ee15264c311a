using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// What one key has used: its requests and its measurements, decided together under one lock. Kept small, because there may be a million
/// of them (a test weighs them).
/// </summary>
internal sealed class KeyCounter
{
    private Tier _tier;
    private long _window;
    private WindowCount _requests;
    private WindowCount _measurements;
    private bool _isForgotten;
    private bool _isAhead;
    private RequestCost _unshared;

    /// <param name="tier">A tier with limits.</param>
    /// <param name="now">Unix milliseconds.</param>
    public KeyCounter(Tier tier, long now)
    {
        _tier = tier;
        _window = WindowTime.At(now, tier.WindowSeconds).Index;
        _requests = SlidingWindow.New(RequestsOf(tier));
        _measurements = SlidingWindow.New(MeasurementsOf(tier));
    }

    /// <summary>Decides about a cost, and takes it when it is granted and <paramref name="isTaken"/>; null when this counter was forgotten.</summary>
    /// <param name="tier">The tier of the key.</param>
    /// <param name="cost">What is asked for.</param>
    /// <param name="isTaken">False: only looked at.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="isShared">True when it was counted where all nodes count, as far as can be known.</param>
    public RateLimitDecision? Decide(Tier tier, RequestCost cost, bool isTaken, long now, bool isShared = false)
    {
        lock (this)
        {
            if (_isForgotten)
                return null;
            var time = MoveTo(tier, now);
            if (tier.Measurements is { } most && cost.Measurements > most + tier.Burst)
                return Describe(time, cost, RateLimitOutcome.TooLarge, now);
            var isGranted = Allows(_requests, time, tier.Requests, RequestsOf(tier), cost.Requests)
                && Allows(_measurements, time, tier.Measurements, MeasurementsOf(tier), cost.Measurements);
            if (isGranted && isTaken)
            {
                if (tier.Requests is not null)
                    SlidingWindow.Take(ref _requests, time, RequestsOf(tier), cost.Requests);
                if (tier.Measurements is not null)
                    SlidingWindow.Take(ref _measurements, time, MeasurementsOf(tier), cost.Measurements);
                _isAhead = true;
                if (!isShared)
                    _unshared = new RequestCost(_unshared.Requests + cost.Requests, _unshared.Measurements + cost.Measurements);
            }

            return Describe(time, cost, isGranted ? RateLimitOutcome.Granted : RateLimitOutcome.Exceeded, now);
        }
    }

    /// <summary>Marks the counter as forgotten when it says no more than a new one would; whoever comes to it later makes a new one.</summary>
    public bool TryForget(long now)
    {
        lock (this)
        {
            MoveTo(_tier, now);
            _isForgotten = IsNew(_requests, RequestsOf(_tier)) && IsNew(_measurements, MeasurementsOf(_tier));
            return _isForgotten;
        }
    }

    /// <summary>Takes over what all nodes together have counted. What this node alone knows of, such as from a time without the others, stays counted.</summary>
    public void Learn(Tier tier, CounterState shared, long now)
    {
        lock (this)
        {
            MoveTo(tier, now);
            if (shared.Window != _window)
                return;
            _isAhead = Merge(ref _requests, shared.Requests, _unshared.Requests, RequestsOf(tier))
                | Merge(ref _measurements, shared.Measurements, _unshared.Measurements, MeasurementsOf(tier));
        }
    }

    /// <summary>What is counted here; null when the shared count holds all of it. What is given once as unshared counts as shared from then on.</summary>
    public UnsharedCount? TakeUnshared(Tier tier, long now)
    {
        lock (this)
        {
            if (!_isAhead)
                return null;
            MoveTo(tier, now);
            var unshared = new UnsharedCount(_unshared, new CounterState(_window, _requests, _measurements));
            _unshared = default;
            return unshared;
        }
    }

    /// <summary>What was taken as unshared was not shared after all.</summary>
    public void GiveBack(UnsharedCount unshared)
    {
        lock (this)
        {
            _isAhead = true;
            if (unshared.State.Window == _window)
                _unshared = new RequestCost(_unshared.Requests + unshared.Taken.Requests, _unshared.Measurements + unshared.Taken.Measurements);
        }
    }

    /// <summary>The decision about a cost, told from what is counted after it.</summary>
    public static RateLimitDecision Describe(Tier tier, CounterState state, RequestCost cost, RateLimitOutcome outcome, long now)
    {
        var time = WindowTime.At(now, tier.WindowSeconds);
        if (time.Index == state.Window - 1)
            time = new WindowTime(state.Window, 0, time.Length);
        return Describe(tier, state, time, cost, outcome, now);
    }

    internal static WindowLimit RequestsOf(Tier tier) => new(tier.Requests ?? 1, tier.RequestBurst);

    internal static WindowLimit MeasurementsOf(Tier tier) => new(tier.Measurements ?? 1, tier.Burst);

    private static bool IsNew(WindowCount count, WindowLimit limit) => count.Previous == 0 && count.Current == 0 && count.Saved == limit.Burst;

    private static bool Allows(WindowCount count, WindowTime time, long? quota, WindowLimit limit, long cost) =>
        quota is null || SlidingWindow.Remaining(count, time, limit) >= cost;

    private WindowTime MoveTo(Tier tier, long now)
    {
        if (tier.WindowSeconds != _tier.WindowSeconds)
            ChangeLength(tier, now);
        if (!ReferenceEquals(tier, _tier))
            ChangeLimits(tier);
        var time = WindowTime.At(now, tier.WindowSeconds);
        if (time.Index > _window)
        {
            SlidingWindow.Advance(ref _requests, time.Index - _window, RequestsOf(tier));
            SlidingWindow.Advance(ref _measurements, time.Index - _window, MeasurementsOf(tier));

            // Belongs to a window that is over.
            _unshared = default;
        }

        // The clocks of a machine's cores, or of nodes, differ a little around a window's end; one that was put back for good is believed.
        if (time.Index == _window - 1)
            return new WindowTime(_window, 0, time.Length);
        _window = time.Index;
        return time;
    }

    // What is used now counts as used in the window that is current by the new length.
    private void ChangeLength(Tier tier, long now)
    {
        var time = MoveTo(_tier, now);
        _requests = new WindowCount { Current = (int)SlidingWindow.Used(_requests, time), Saved = _requests.Saved };
        _measurements = new WindowCount { Current = (int)SlidingWindow.Used(_measurements, time), Saved = _measurements.Saved };
        _window = WindowTime.At(now, tier.WindowSeconds).Index;
        _tier = _tier with { WindowSeconds = tier.WindowSeconds };
    }

    private void ChangeLimits(Tier tier)
    {
        SlidingWindow.Clamp(ref _requests, RequestsOf(tier));
        SlidingWindow.Clamp(ref _measurements, MeasurementsOf(tier));
        _tier = tier;
    }

    // True when this node has counted more.
    private static bool Merge(ref WindowCount count, WindowCount shared, int unshared, WindowLimit limit)
    {
        var isAhead = unshared > 0 || count.Previous > shared.Previous || count.Current > shared.Current || count.Saved < shared.Saved;
        count.Previous = Math.Max(count.Previous, shared.Previous);
        count.Current = Math.Max(count.Current, (int)Math.Min(limit.Quota, shared.Current + (long)unshared));
        count.Saved = Math.Min(count.Saved, shared.Saved);
        return isAhead;
    }

    private RateLimitDecision Describe(WindowTime time, RequestCost cost, RateLimitOutcome outcome, long now) =>
        Describe(_tier, new CounterState(_window, _requests, _measurements), time, cost, outcome, now);

    private static RateLimitDecision Describe(Tier tier, CounterState state, WindowTime time, RequestCost cost, RateLimitOutcome outcome, long now) => new(
        tier,
        outcome,
        now,
        Describe(state.Requests, time, RequestsOf(tier), outcome == RateLimitOutcome.Exceeded && tier.Requests is not null ? cost.Requests : 0),
        Describe(state.Measurements, time, MeasurementsOf(tier), outcome == RateLimitOutcome.Exceeded && tier.Measurements is not null ? cost.Measurements : 0));

    private static PolicyState Describe(WindowCount count, WindowTime time, WindowLimit limit, long cost)
    {
        var remaining = SlidingWindow.Remaining(count, time, limit);
        var wait = SlidingWindow.Wait(count, time, limit, cost);
        var reset = wait > 0 ? wait
            : remaining > 0 ? SlidingWindow.UntilUnused(count, time)
            : SlidingWindow.Wait(count, time, limit, 1);
        return new PolicyState(SlidingWindow.Used(count, time), remaining, wait, reset);
    }
}

/// <param name="Taken">What this node has granted in this window by itself.</param>
/// <param name="State">What it has counted altogether.</param>
internal readonly record struct UnsharedCount(RequestCost Taken, CounterState State);
