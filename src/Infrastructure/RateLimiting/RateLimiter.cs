using System.Collections.Concurrent;
using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Counts in the memory of this process.</summary>
internal sealed class RateLimiter(ITiers tiers, TimeProvider time) : IRateLimiter
{
    private readonly ConcurrentDictionary<string, KeyCounter> _counters = new(StringComparer.Ordinal);

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

    private RateLimitDecision? Decide(Caller caller, RequestCost cost, bool isTaken)
    {
        // A key whose tier was deleted is not let loose.
        var tier = tiers.Find(caller.Tier) ?? tiers.Find(Tier.Standard.Name) ?? Tier.Standard;
        if (!tier.HasLimits)
            return null;
        while (true)
        {
            var now = Now();
            var counter = _counters.TryGetValue(caller.KeyId, out var found)
                ? found
                : _counters.GetOrAdd(caller.KeyId, static (_, args) => new KeyCounter(args.tier, args.now), (tier, now));
            if (counter.Decide(tier, cost, isTaken, now) is { } decision)
                return decision;

            // It was forgotten between being found and being asked, and is about to be taken away.
            _counters.TryRemove(KeyValuePair.Create(caller.KeyId, counter));
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
