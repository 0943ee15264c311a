using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Devices;

/// <summary>A device as this node knows it: what all nodes have stored of it, and what this one has counted and not stored yet.</summary>
internal sealed class CountedDevice(BucketName bucket, byte[] utf8)
{
    private readonly Lock _gate = new();
    private long _stored;
    private long _pending;
    private long _pendingFirst;
    private long _pendingLast;
    private bool _isDirty;

    public BucketName Bucket => bucket;

    /// <summary>The sum of both, as it is told.</summary>
    public DeviceRecord Record { get; } = new(utf8);

    /// <summary>Counts some more; true when the device has to be stored and nobody was told so yet.</summary>
    public bool Count(long measurements, long seen)
    {
        lock (_gate)
        {
            AddPending(measurements, seen, seen);
            Record.Add(measurements, seen);
            var isFirst = !_isDirty;
            _isDirty = true;
            return isFirst;
        }
    }

    /// <summary>What is to be stored; null when there is nothing.</summary>
    public StoredDeviceCount? Take()
    {
        lock (_gate)
        {
            _isDirty = false;
            if (_pending == 0)
                return null;
            var taken = new StoredDeviceCount(bucket, Record.ToSummary().Device, _pendingFirst, _pendingLast, _pending);
            _pending = 0;
            return taken;
        }
    }

    /// <summary>What was taken could not be stored.</summary>
    public void GiveBack(StoredDeviceCount taken)
    {
        lock (_gate)
        {
            AddPending(taken.Measurements, taken.FirstSeen, taken.LastSeen);
            _isDirty = true;
        }
    }

    /// <summary>What was taken is stored.</summary>
    public void Stored(StoredDeviceCount taken)
    {
        lock (_gate)
        {
            _stored += taken.Measurements;
        }
    }

    /// <summary>Takes on what all nodes together have stored.</summary>
    public void Learn(StoredDeviceCount stored)
    {
        lock (_gate)
        {
            _stored = stored.Measurements;
            var first = _stored == 0 ? _pendingFirst : _pending == 0 ? stored.FirstSeen : Math.Min(stored.FirstSeen, _pendingFirst);
            var last = _stored == 0 ? _pendingLast : _pending == 0 ? stored.LastSeen : Math.Max(stored.LastSeen, _pendingLast);
            Record.Set(_stored + _pending, first, last);
        }
    }

    /// <summary>Nothing is left of it.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_stored, _pending) = (0, 0);
            Record.Forget();
        }
    }

    private void AddPending(long measurements, long firstSeen, long lastSeen)
    {
        (_pendingFirst, _pendingLast) = _pending == 0 ? (firstSeen, lastSeen) : (Math.Min(_pendingFirst, firstSeen), Math.Max(_pendingLast, lastSeen));
        _pending += measurements;
    }
}
