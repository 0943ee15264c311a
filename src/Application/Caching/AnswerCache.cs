using System.Collections.Concurrent;
using IotBackend.Application.Monitoring;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Caching;

/// <summary>
/// Answers as they are sent. FusionCache keeps them, bounded; whether one may be used is decided here, by its generation and its age. Those who ask
/// for the same at the same time wait for one reading, whose failure they share too: FusionCache's own locks would let them fail one after the other,
/// and know nothing of generations.
/// </summary>
/// <param name="cache">The cache named <see cref="Name"/>.</param>
public sealed partial class AnswerCache(
    IFusionCache cache, AnswerGenerations generations, INodeMessages messages, IAnswerMemory memory, AnswerCaching settings, TimeProvider time, ILogger<AnswerCache> logger)
{
    public const string Name = "answers";

    private const int EntryOverhead = 512;
    private const double RefreshedFrom = 0.85;

    // Of a second there must be enough left for a reading.
    private const double OpenRefreshedFrom = 0.75;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // Numbers of generations mean nothing on another node: nothing of it goes to a second level.
    private static readonly FusionCacheEntryOptions Reading = OnThisNode(TimeSpan.Zero);

    private readonly ConcurrentDictionary<(string Key, long Generation), Flight> _flights = new();
    private readonly TimeSpan? _longestWait = messages is SingleNode ? null : AnswerCaching.OpenLifetime;
    private long _hits;
    private long _misses;
    private long _coalesced;
    private long _stale;
    private long _refreshed;

    public CacheFigures Figures => new(
        Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _coalesced), Interlocked.Read(ref _stale),
        Interlocked.Read(ref _refreshed), memory.Evicted, memory.Entries, memory.Bytes, settings.MaxBytes);

    /// <summary>Leaves word that this is read, and returns its generation; see <see cref="AnswerGenerations.Watch"/>.</summary>
    public long Watch(in AnswerDeclaration declaration) => generations.Watch(declaration, settings.IsClosed(declaration.Range, time.GetUtcNow()));

    /// <summary>The answer if there is a good one; null when it has to be made.</summary>
    /// <param name="key">Of the query.</param>
    /// <param name="generation">What <see cref="Watch"/> returned for this request.</param>
    /// <param name="isToBeRefreshed">True when it will soon be too old, and should be made anew before.</param>
    public ServedAnswer? Find(string key, long generation, out bool isToBeRefreshed)
    {
        isToBeRefreshed = false;
        if (Get(key, generation) is not { } entry)
            return null;
        var now = time.GetUtcNow();
        var age = now - entry.StartedAt;
        var lifetime = LifetimeOf(entry);
        if (age < lifetime)
        {
            isToBeRefreshed = IsToBeRefreshed(entry, age, lifetime) && now >= entry.ServedStaleUntil;
            Count(ref _hits, CacheOutcome.Hit);
            return new ServedAnswer(entry.Answer, CacheOutcome.Hit, lifetime - age, age, entry.IsLasting);
        }

        if (now >= entry.ServedStaleUntil || TryServeStale(entry, now) is not { } stale)
            return null;
        Count(ref _stale, CacheOutcome.Stale);
        return stale;
    }

    /// <summary>Makes the answer, or waits for the one that is being made.</summary>
    /// <param name="key">Of the query.</param>
    /// <param name="generation">What <see cref="Watch"/> returned for this request.</param>
    /// <param name="read">Reads and renders it. May go on after this request has ended.</param>
    /// <param name="cancellationToken">Gives up waiting; the reading goes on while somebody else waits.</param>
    public async Task<Result<ServedAnswer>> MakeAsync(
        string key, long generation, Func<CancellationToken, Task<Result<ServedAnswer>>> read, CancellationToken cancellationToken)
    {
        var flight = Join(key, generation, out var isFirst);
        if (isFirst)
            _ = FlyAsync(flight, key, generation, read, isRefresh: false);
        var result = await flight.WaitAsync(cancellationToken);
        if (isFirst || result.Error is not null)
            return result;
        return CountJoined(result.Value);
    }

    /// <summary>Makes the answer anew for those who ask later, unless that is being done.</summary>
    public void Refresh(string key, long generation, Func<CancellationToken, Task<Result<ServedAnswer>>> read)
    {
        var flight = new Flight(time.GetUtcNow());

        // Joined for those to come, so that it is not given up when nobody waits.
        if (flight.TryJoin() && _flights.TryAdd((key, generation), flight))
            _ = FlyAsync(flight, key, generation, read, isRefresh: true);
    }

    private Flight Join(string key, long generation, out bool isFirst)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var mine = new Flight(now);
            var flight = _flights.GetOrAdd((key, generation), mine);
            isFirst = flight == mine;

            // What other nodes wrote since a long reading began would not be in it.
            var isTooOld = _longestWait is { } longest && now - flight.StartedAt > longest;
            if (!isTooOld && flight.TryJoin())
                return flight;
            _flights.TryRemove(KeyValuePair.Create((key, generation), flight));
        }
    }

    private async Task FlyAsync(Flight flight, string key, long generation, Func<CancellationToken, Task<Result<ServedAnswer>>> read, bool isRefresh)
    {
        using (flight)
        {
            try
            {
                // Another flight may have landed between this request's look and its take-off.
                var landed = isRefresh ? null : Find(key, generation, out _);
                flight.Land(landed ?? await FetchAsync(flight, key, generation, read, isRefresh));
            }
#pragma warning disable CA1031 // It goes to those who wait.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // Of a refresh, it may be that nobody waits for it.
                if (isRefresh)
                    Log.NotRefreshed(logger, exception);
                flight.Crash(exception);
            }
            finally
            {
                _flights.TryRemove(KeyValuePair.Create((key, generation), flight));
            }
        }
    }

    private async Task<Result<ServedAnswer>> FetchAsync(
        Flight flight, string key, long generation, Func<CancellationToken, Task<Result<ServedAnswer>>> read, bool isRefresh)
    {
        var result = await read(flight.Abandoned);
        if (result.Error is { } error)
            return StaleOr(error, key, generation, flight, isRefresh);

        // Another node may have made it some time ago.
        var startedAt = flight.StartedAt - result.Value.Age;
        if (isRefresh)
            CountRefresh();
        else if (result.Value.Outcome == CacheOutcome.Hit)
            Count(ref _hits, CacheOutcome.Hit);
        else
            Count(ref _misses, CacheOutcome.Miss);
        return Keep(result.Value, key, generation, startedAt);
    }

    private ServedAnswer Keep(ServedAnswer made, string key, long generation, DateTimeOffset startedAt)
    {
        var entry = new CachedAnswer(made.Answer, generation, startedAt, made.IsLasting);
        var size = made.Answer.Body.Length + (sizeof(char) * key.Length) + EntryOverhead;
        var lifetime = LifetimeOf(entry);
        var age = time.GetUtcNow() - startedAt;
        if (size > settings.MaxAnswerBytes)
            return made;

        // Somebody who asked later may have been faster.
        if (cache.TryGet<CachedAnswer>(key, Reading) is { HasValue: true, Value.Generation: var there } && there > generation)
            return made with { TimeToLive = lifetime - age };
        cache.Set(key, entry, OnThisNode(lifetime + settings.StaleLifetime).SetSize(size));
        return made with { TimeToLive = lifetime - age, Age = age };
    }

    private Result<ServedAnswer> StaleOr(Error error, string key, long generation, Flight flight, bool isRefresh)
    {
        if (error.Kind is not (ErrorKind.Unavailable or ErrorKind.Timeout) || Get(key, generation) is not { } entry)
            return error;
        var now = time.GetUtcNow();

        // The longer it takes to find out that the store does not answer, the more seldom it is tried.
        var took = now - flight.StartedAt;
        entry.ServedStaleUntil = now + (took < ShortestPause ? ShortestPause : took > LongestPause ? LongestPause : took);
        if (TryServeStale(entry, now) is not { } stale)
            return error;

        // Nobody is answered by a refresh itself.
        if (!isRefresh)
            Count(ref _stale, CacheOutcome.Stale);
        return stale;
    }

    private ServedAnswer? TryServeStale(CachedAnswer entry, DateTimeOffset now)
    {
        var (age, lifetime) = (now - entry.StartedAt, LifetimeOf(entry));
        if (age >= lifetime + settings.StaleLifetime)
            return null;
        return new ServedAnswer(entry.Answer, CacheOutcome.Stale, lifetime - age, age, entry.IsLasting);
    }

    private CachedAnswer? Get(string key, long generation)
    {
        var found = cache.TryGet<CachedAnswer>(key, Reading);
        return found.HasValue && found.Value.Generation >= generation ? found.Value : null;
    }

    // What lasts is worth it whenever somebody asks; what serves for less than a second only if somebody is likely to ask again.
    private static bool IsToBeRefreshed(CachedAnswer entry, TimeSpan age, TimeSpan lifetime) => lifetime > AnswerCaching.OpenLifetime
        ? age > lifetime * RefreshedFrom
        : entry.IsAskedOften() && age > lifetime * OpenRefreshedFrom;

    // While other nodes can not be heard, a late write of theirs would not be heard of either.
    private TimeSpan LifetimeOf(CachedAnswer entry) =>
        entry.IsLasting && messages.IsConnected ? settings.ClosedLifetime : AnswerCaching.OpenLifetime;

    // Each request counts once, as what it is told that it was.
    private ServedAnswer CountJoined(ServedAnswer served)
    {
        switch (served.Outcome)
        {
            case CacheOutcome.Stale:
                Count(ref _stale, CacheOutcome.Stale);
                return served;
            case CacheOutcome.Hit:
                Count(ref _hits, CacheOutcome.Hit);
                return served;
            default:
                Count(ref _coalesced, CacheOutcome.Collapsed);
                return served with { Outcome = CacheOutcome.Collapsed };
        }
    }

    // No request: whoever gave the reason for it was a hit.
    private void CountRefresh()
    {
        Interlocked.Increment(ref _refreshed);
        Telemetry.CacheRefreshes.Add(1);
    }

    private static void Count(ref long figure, CacheOutcome outcome)
    {
        Interlocked.Increment(ref figure);
        Telemetry.CacheRequests.Add(1, Telemetry.TagOf(outcome));
    }

    private static FusionCacheEntryOptions OnThisNode(TimeSpan duration) => new FusionCacheEntryOptions(duration)
        .SetSkipDistributedCache(true, true)
        .SetSkipBackplaneNotifications(true);

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Error, "An answer could not be made anew in the background; it is made when it is asked for after its end")]
        public static partial void NotRefreshed(ILogger logger, Exception exception);
    }
}
