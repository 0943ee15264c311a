using System.Security.Cryptography;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <summary>
/// The live feed of a node. Nodes on which somebody watches say so every few seconds; while one does, each node keeps what is stored anywhere in a
/// log of recent events and tells the others what is stored on it. Else nothing is packed, kept or sent.
/// </summary>
public sealed class LiveFeed : ILiveFeed, IDisposable
{
    internal const string Topic = "live";
    internal const string InterestTopic = "live-interest";

    /// <summary>How often interest is told.</summary>
    internal static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    /// <summary>How long told interest counts, so that a message may be lost, and a node die.</summary>
    internal static readonly TimeSpan InterestDuration = TimeSpan.FromSeconds(16);

    /// <summary>How long events are still kept after the last subscriber has gone, who may come back.</summary>
    internal static readonly TimeSpan Linger = TimeSpan.FromSeconds(60);

    // By how much clocks of nodes may differ, and messages be late, so that one who comes from another node is not told too little.
    private const long ToleranceMilliseconds = 2_000;

    private static readonly byte[] Interest = [LivePacket.Version];

    // A packet without anything in it: what was stored here before was not told.
    private static readonly byte[] Beginning = [LivePacket.Version];

    private readonly string _node = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly Lock _state = new();
    private readonly Lock _order = new();
    private readonly INodeMessages _nodes;
    private readonly TimeProvider _time;
    private readonly LiveLog _log;
    private readonly ITimer _timer;
    private readonly IDisposable[] _listening;
    private volatile bool _isWanted;
    private int _subscribers;

    // Unix milliseconds, all of them.
    private long _watchedUntil;
    private long _keptUntil;
    private long _startedAt;

    public LiveFeed(INodeMessages nodes, LiveFeedSettings settings, TimeProvider time)
    {
        (_nodes, _time, _log) = (nodes, time, new LiveLog(settings.BufferBytes));
        _listening =
        [
            nodes.Subscribe(Topic, Take, NoteMissed),
            nodes.Subscribe(InterestTopic, _ => Want(InterestDuration), static () => { }),
        ];
        _timer = time.CreateTimer(_ => Renew(), null, Renewal, Renewal);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Publish(BucketName bucket, MeasurementBatch batch)
    {
        if (_isWanted)
            LivePacket.Pack(bucket, batch, Append);
    }

    public LiveSubscription Subscribe(MeasurementFilter filter, LiveEventId? after)
    {
        var isFirst = Interlocked.Increment(ref _subscribers) == 1;
        Watch();
        if (isFirst)
            _nodes.Publish(InterestTopic, Interest);
        return new LiveSubscription(_log, new LiveFilter(filter), _node, StartAfter(after), Now, End);
    }

    public void Dispose()
    {
        _timer.Dispose();
        foreach (var topic in _listening)
            topic.Dispose();
    }

    private (long Number, bool IsGap) StartAfter(LiveEventId? after)
    {
        if (after is not { } last)
            return (_log.Next, false);
        if (last.Node != _node)
        {
            var (number, isComplete) = _log.FindSince(last.UnixMilliseconds - ToleranceMilliseconds);
            return (number, !isComplete);
        }

        var (first, next) = (_log.First, _log.Next);
        return last.Number >= next ? (next, true) : (Math.Max(first, last.Number + 1), last.Number + 1 < first);
    }

    // In one order here and on the other nodes.
    private void Append(byte[] packet, int count)
    {
        lock (_order)
        {
            _log.Append(packet, count, Now);
            _nodes.Publish(Topic, packet, canWait: true);
        }
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        if (!_isWanted)
            return;
        var packet = message.ToArray();
        if (LivePacket.Count(packet) is > 0 and var count)
            _log.Append(packet, count, Now);

        // Another node has begun to tell, or tells what is not understood here. Just after this one has begun to listen nobody expects more.
        else if (Now > Volatile.Read(ref _startedAt) + ToleranceMilliseconds)
            _log.AppendGap(Now);
    }

    // The others may have heard nothing of who watches here either.
    private void NoteMissed()
    {
        _log.AppendGap(Now);
        if (IsWatched)
            _nodes.Publish(InterestTopic, Interest);
    }

    private bool IsWatched => Volatile.Read(ref _subscribers) > 0 || Now < Volatile.Read(ref _watchedUntil);

    private void Watch()
    {
        Volatile.Write(ref _watchedUntil, Now + (long)Linger.TotalMilliseconds);
        Want(Linger);
    }

    private void Want(TimeSpan duration)
    {
        lock (_state)
        {
            _keptUntil = Math.Max(_keptUntil, Now + (long)duration.TotalMilliseconds);
            if (_isWanted)
                return;
            Volatile.Write(ref _startedAt, Now);
            _log.Start(Now);
            _isWanted = true;
        }

        _nodes.Publish(Topic, Beginning, canWait: true);
    }

    private void End()
    {
        Watch();
        Interlocked.Decrement(ref _subscribers);
    }

    private void Renew()
    {
        if (Volatile.Read(ref _subscribers) > 0)
            Watch();
        var isWatched = IsWatched;
        lock (_state)
        {
            if (_isWanted && !isWatched && _keptUntil <= Now)
            {
                _isWanted = false;
                _log.Stop();
            }
        }

        if (isWatched)
            _nodes.Publish(InterestTopic, Interest);
    }
}
