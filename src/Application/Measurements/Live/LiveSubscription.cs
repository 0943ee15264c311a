using System.Runtime.CompilerServices;

namespace IotBackend.Application.Measurements.Live;

/// <summary>What one who watches is told. Read by one reader at a time; disposing it ends it.</summary>
public sealed class LiveSubscription : IDisposable
{
    private readonly LiveLog _log;
    private readonly LiveFilter _filter;
    private readonly string _node;
    private readonly Action _ended;
    private bool _startsInGap;
    private long _next;
    private long _lastTime;
    private int _isDisposed;

    /// <param name="log">Where events come from.</param>
    /// <param name="filter">Which are told.</param>
    /// <param name="node">The name of this node.</param>
    /// <param name="start">Where to begin, and whether events may be missing before.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="ended">Called once, when it is disposed.</param>
    internal LiveSubscription(LiveLog log, LiveFilter filter, string node, (long Number, bool IsGap) start, long now, Action ended) =>
        (_log, _filter, _node, _next, _startsInGap, _lastTime, _ended) = (log, filter, node, start.Number, start.IsGap, now, ended);

    /// <summary>Up to where everything was told or did not match: whoever comes back with it misses nothing, also after a long time without a match.</summary>
    public LiveEventId Position => new(_lastTime, _node, _next - 1);

    /// <summary>
    /// The events as they come, without an end unless the reader is too slow, which the last one tells. A second call goes on where the first one ended.
    /// </summary>
    public IAsyncEnumerable<LiveEvent> ReadAllAsync(CancellationToken cancellationToken) =>
        ReadAllAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>The same, and <see cref="LiveEventKind.Idle"/> whenever nothing else was told for a time, also while what comes does not match.</summary>
    /// <param name="idleAfter">That time.</param>
    /// <param name="time">By which it is measured.</param>
    /// <param name="cancellationToken">Ends the reading with an exception, also in the middle of what does not match.</param>
    public async IAsyncEnumerable<LiveEvent> ReadAllAsync(TimeSpan idleAfter, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Where the log has a gap itself, that one is told.
        var isUntold = _startsInGap && !(_log.Read(_next, out var first, out _) == LiveReading.Found && first.IsGap);
        _startsInGap = false;
        if (isUntold)
            yield return new LiveEvent(LiveEventKind.Gap, Position, null);

        var toldAt = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RestOf(idleAfter, time.GetElapsedTime(toldAt)) == TimeSpan.Zero)
            {
                yield return new LiveEvent(LiveEventKind.Idle, Position, null);
                toldAt = time.GetTimestamp();
            }

            var reading = _log.Read(_next, out var entry, out var arrival);
            if (reading == LiveReading.Gone)
            {
                yield return new LiveEvent(LiveEventKind.CutOff, Position, null);
                yield break;
            }

            if (reading == LiveReading.NotYet)
            {
                await WaitAsync(arrival, RestOf(idleAfter, time.GetElapsedTime(toldAt)), time, cancellationToken);
                continue;
            }

            _lastTime = entry.UnixMilliseconds;
            if (entry.IsGap)
            {
                _next = entry.Next;
                yield return new LiveEvent(LiveEventKind.Gap, Position, null);
                toldAt = time.GetTimestamp();
                continue;
            }

            foreach (var (number, measurement) in _filter.Select(entry, _next))
            {
                _next = number + 1;
                yield return new LiveEvent(LiveEventKind.Measurement, Position, measurement);
                toldAt = time.GetTimestamp();
            }

            _next = entry.Next;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _ended();
    }

    private static TimeSpan RestOf(TimeSpan idleAfter, TimeSpan elapsed) =>
        idleAfter == Timeout.InfiniteTimeSpan ? idleAfter : elapsed < idleAfter ? idleAfter - elapsed : TimeSpan.Zero;

    private static async Task WaitAsync(Task arrival, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await arrival.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It is time to tell that nothing came.
        }
    }
}
