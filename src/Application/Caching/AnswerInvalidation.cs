using System.Text;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Caching;

/// <summary>
/// Whoever changes what can be read says so here, when it can be read and before it is acknowledged. Answers of this node that depend on it are then
/// no longer used; other nodes are told of what they would not find out within a second by themselves, which is all but recent measurements.
/// </summary>
public sealed class AnswerInvalidation : IDisposable
{
    private const int MaxDevicesTold = 256;
    private static readonly TimeSpan TellWithin = TimeSpan.FromMilliseconds(100);

    private readonly AnswerGenerations _generations;
    private readonly INodeMessages _messages;
    private readonly CacheWarming _warming;
    private readonly TimeProvider _time;
    private readonly IAnswerEpochs? _epochs;
    private readonly TimeSpan _lateAfter;
    private readonly bool _hasOthers;
    private readonly IDisposable _subscription;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<BucketName, Pending> _pending = [];
    private bool _isCoalescing;

    public AnswerInvalidation(
        AnswerGenerations generations, INodeMessages messages, CacheWarming warming, AnswerCaching settings, TimeProvider time, IAnswerEpochs? epochs = null)
    {
        (_generations, _messages, _warming, _time, _epochs) = (generations, messages, warming, time, epochs);

        // Half of what a reader takes for late, so that clocks may differ, and go back, by that much.
        _lateAfter = settings.Lateness / 2;
        _hasOthers = messages is not SingleNode;
        _timer = time.CreateTimer(_ => TellPending(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subscription = messages.Subscribe(Invalidation.Topic, Receive, generations.ChangeEverything);
        if (epochs is not null)
            epochs.Renewed += ChangeEverything;
    }

    /// <summary>These rows were stored, or may have been; rejected ones do not count.</summary>
    public ValueTask StoredAsync(BucketName bucket, MeasurementBatch batch)
    {
        // The clock after the rows: a reader that took them for closed before they came had an earlier one.
        var lateBefore = Timestamp.From(_time.GetUtcNow() - _lateAfter);
        _generations.Stored(bucket, batch, lateBefore);
        if (_hasOthers && AnswerGenerations.LateSlices(batch, lateBefore) is var slices and not 0)
            return StoredLateAsync(bucket, batch, lateBefore, slices);
        return ValueTask.CompletedTask;
    }

    /// <summary>Measurements of these devices are gone or others, at whatever times.</summary>
    /// <param name="bucket">Null: in every bucket.</param>
    /// <param name="devices">Their names; empty: all.</param>
    public async ValueTask ChangedAsync(BucketName? bucket, IReadOnlyCollection<string> devices)
    {
        _generations.Changed(bucket, devices, DaySlices.All);
        if (_epochs is not null)
            await _epochs.AdvanceAsync(bucket, CancellationToken.None);
        if (_hasOthers)
            _messages.Publish(Invalidation.Topic, new Invalidation(bucket?.Value, devices.Count == 0 ? null : [.. devices], DaySlices.All).Encode());
    }

    /// <summary>Tells now what would be told in a moment; called at the end, while other nodes can still be told.</summary>
    public void TellPending()
    {
        KeyValuePair<BucketName, Pending>[] told;
        lock (_gate)
        {
            told = [.. _pending];
            _pending.Clear();
            _isCoalescing = told.Length > 0;
            if (_isCoalescing)
                _timer.Change(TellWithin, Timeout.InfiniteTimeSpan);
        }

        foreach (var (bucket, pending) in told)
            _messages.Publish(Invalidation.Topic, pending.Describe(bucket).Encode());
    }

    public void Dispose()
    {
        if (_epochs is not null)
            _epochs.Renewed -= ChangeEverything;
        _subscription.Dispose();
        _timer.Dispose();
    }

    // The epoch before the message: who hears of it and reads anew must not find what others have shared before.
    private async ValueTask StoredLateAsync(BucketName bucket, MeasurementBatch batch, Timestamp lateBefore, ulong slices)
    {
        if (_epochs is not null)
            await _epochs.AdvanceAsync(bucket, CancellationToken.None);
        Tell(bucket, batch, lateBefore, slices);
    }

    private void ChangeEverything()
    {
        _generations.ChangeEverything();
        _messages.Publish(Invalidation.Topic, new Invalidation(null, null, DaySlices.All).Encode());
    }

    private void Receive(ReadOnlyMemory<byte> message)
    {
        var (bucketText, devices, slices) = Invalidation.Decode(message.Span);
        var bucket = bucketText is null ? null : BucketName.TryParse(bucketText, out _);
        if (bucketText is not null && bucket is null)
            _generations.ChangeEverything();
        else
            _generations.Changed(bucket, devices ?? [], slices);

        // Another node was told to purge everything; this one is as empty as that.
        if (bucket is null && devices is null)
            _warming.Ask();
    }

    // Told at once, before it is acknowledged; but a backlog comes in many requests, and for those that follow within a moment one message is enough.
    private void Tell(BucketName bucket, MeasurementBatch batch, Timestamp lateBefore, ulong slices)
    {
        Invalidation? first = null;
        lock (_gate)
        {
            var pending = _isCoalescing && _pending.TryGetValue(bucket, out var waiting) ? waiting : new Pending();
            pending.Add(batch, lateBefore, slices);
            if (_isCoalescing)
            {
                _pending[bucket] = pending;
            }
            else
            {
                first = pending.Describe(bucket);
                _isCoalescing = true;
                _timer.Change(TellWithin, Timeout.InfiniteTimeSpan);
            }
        }

        if (first is not null)
            _messages.Publish(Invalidation.Topic, first.Encode());
    }

    private sealed class Pending
    {
        private readonly HashSet<string> _devices = new(StringComparer.Ordinal);
        private ulong _slices;

        public void Add(MeasurementBatch batch, Timestamp lateBefore, ulong slices)
        {
            _slices |= slices;
            foreach (ref readonly var row in batch.Rows)
            {
                if (_devices.Count > MaxDevicesTold)
                    break;
                if (!row.IsRejected && row.Timestamp < lateBefore)
                    _devices.Add(Encoding.UTF8.GetString(batch.Device(row)));
            }
        }

        public Invalidation Describe(BucketName bucket) => new(bucket.Value, _devices.Count > MaxDevicesTold ? null : [.. _devices], _slices);
    }
}
