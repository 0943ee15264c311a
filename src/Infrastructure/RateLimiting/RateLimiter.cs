using System.Collections.Concurrent;
using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Counts in the memory of this process.</summary>
internal sealed class RateLimiter(ITiers tiers, TimeProvider time) : IRateLimiter
{
    // The error of an estimate shrinks by so much a time.
    private const int Smoothing = 16;

    private readonly ConcurrentDictionary<string, KeyCounter> _counters = new(StringComparer.Ordinal);
    private long _offset = long.MinValue;

    public int Count => _counters.Count;

    public ValueTask<RateLimitDecision?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Decide(caller, cost, isTaken: true));

    public ValueTask<RateLimitDecision?> LookAsync(Caller caller, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Decide(caller, RequestCost.OneRequest, isTaken: false));

    /// <summary>Forgets the counters that say no more than new ones would.</summary>
    public void Sweep()
    {
        var now = Now();
        foreach (var counter in _counters)
        {
            if (counter.Value.TryForget(now))
                _counters.TryRemove(counter);
        }
    }

    /// <summary>The tier that holds for a caller. One whose tier was deleted is not let loose.</summary>
    public Tier TierOf(Caller caller) => tiers.Find(caller.Tier) ?? tiers.Find(Tier.Standard.Name) ?? Tier.Standard;

    /// <summary>Takes over what all nodes together have counted of a key, and the clock by which they do.</summary>
    public void Learn(string keyId, Tier tier, CounterState shared, long now)
    {
        LearnTime(now);
        CounterOf(keyId, tier, now).Learn(tier, shared, now);
    }

    /// <summary>See <see cref="KeyCounter.GiveBack"/>.</summary>
    public void GiveBack(string keyId, UnsharedCount unshared)
    {
        if (_counters.TryGetValue(keyId, out var counter))
            counter.GiveBack(unshared);
    }

    /// <summary>What is counted here of a key, and not where all nodes count; null when there is nothing. It is given once.</summary>
    public UnsharedCount? TakeUnshared(string keyId, Tier tier) => _counters.TryGetValue(keyId, out var counter) ? counter.TakeUnshared(tier, Now()) : null;

    /// <summary>Takes the cost here alone.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cost">What for.</param>
    /// <param name="isShared">True when it may have been counted where all nodes count, though this node was not told.</param>
    public RateLimitDecision? AcquireAlone(Caller caller, RequestCost cost, bool isShared) => Decide(caller, cost, isTaken: true, isShared);

    private RateLimitDecision? Decide(Caller caller, RequestCost cost, bool isTaken, bool isShared = false)
    {
        var tier = TierOf(caller);
        if (!tier.HasLimits)
            return null;
        while (true)
        {
            var now = Now();
            var counter = CounterOf(caller.KeyId, tier, now);
            if (counter.Decide(tier, cost, isTaken, now, isShared) is { } decision)
                return decision;

            // It was forgotten between being found and being asked, and is about to be taken away.
            _counters.TryRemove(KeyValuePair.Create(caller.KeyId, counter));
        }
    }

    private KeyCounter CounterOf(string keyId, Tier tier, long now) => _counters.TryGetValue(keyId, out var found)
        ? found
        : _counters.GetOrAdd(keyId, static (_, args) => new KeyCounter(args.tier, args.now), (tier, now));

    // The other clock told its time a while ago: the greatest difference is the nearest to the truth, until the clocks have drifted.
    private void LearnTime(long now)
    {
        var seen = now - time.GetUtcNow().ToUnixTimeMilliseconds();
        var known = Interlocked.Read(ref _offset);
        Interlocked.Exchange(ref _offset, known == long.MinValue || seen > known ? seen : known - ((known - seen) / Smoothing));
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds() + (Interlocked.Read(ref _offset) is var offset && offset == long.MinValue ? 0 : offset);
}
