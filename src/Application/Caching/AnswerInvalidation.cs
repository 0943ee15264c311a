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

    public void Dispose()
    {
        if (_epochs is not null)
            _epochs.Renewed -= ChangeEverything;
        _subscription.Dispose();
        TellPending();
        _timer.Dispose();
    }

    // The epoch before the message: who hears of it and reads anew must not find what others have shared before.
    private async ValueTask StoredLateAsync(BucketName bucket, MeasurementBatch batch, Timestamp lateBefore, ulong slices)
    {
        if (_epochs is not null)
            await _epochs.AdvanceAsync(bucket, CancellationToken.None);
        TellSoon(bucket, batch, lateBefore, slices);
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

    // A backlog comes in many requests; one message for all of them within a moment is enough.
    private void TellSoon(BucketName bucket, MeasurementBatch batch, Timestamp lateBefore, ulong slices)
    {
        lock (_gate)
        {
            if (_pending.Count == 0)
                _timer.Change(TellWithin, Timeout.InfiniteTimeSpan);
            if (!_pending.TryGetValue(bucket, out var pending))
                _pending.Add(bucket, pending = new Pending());
            pending.Slices |= slices;
            foreach (ref readonly var row in batch.Rows)
            {
                if (pending.Devices.Count > MaxDevicesTold)
                    break;
                if (!row.IsRejected && row.Timestamp < lateBefore)
                    pending.Devices.Add(Encoding.UTF8.GetString(batch.Device(row)));
            }
        }
    }

    private void TellPending()
    {
        KeyValuePair<BucketName, Pending>[] told;
        lock (_gate)
        {
            told = [.. _pending];
            _pending.Clear();
        }

        foreach (var (bucket, pending) in told)
        {
            string[]? devices = pending.Devices.Count > MaxDevicesTold ? null : [.. pending.Devices];
            _messages.Publish(Invalidation.Topic, new Invalidation(bucket.Value, devices, pending.Slices).Encode());
        }
    }

    private sealed class Pending
    {
        public HashSet<string> Devices { get; } = new(StringComparer.Ordinal);

        public ulong Slices { get; set; }
    }
}
