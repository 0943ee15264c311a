using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Series of a bucket that are known to be there, and the devices of which all are known.</summary>
internal sealed class KnownSeriesOfBucket
{
    private readonly ConcurrentDictionary<byte[], byte> _series = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<string, byte> _devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _vast = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>How many series; asked before each that is added, which the dictionary itself can not tell without locks.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool Has(ReadOnlySpan<byte> key) => _series.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(key);

    public bool HasDevice(string device) => _devices.ContainsKey(device);

    public void AddDevice(string device) => _devices.TryAdd(device, 0);

    public void RemoveDevice(string device) => _devices.TryRemove(device, out _);

    /// <summary>True for a device of which there are too many to know them all.</summary>
    public bool IsVast(string device) => _vast.ContainsKey(device);

    /// <summary>Forgets what was found of a device that has too many, and need not be asked for again.</summary>
    public void SetVast(string device)
    {
        Forget(device);
        _vast.TryAdd(device, 0);
    }

    public bool TryAdd(byte[] key)
    {
        if (!_series.TryAdd(key, 0))
            return false;
        Interlocked.Increment(ref _count);
        return true;
    }

    public void Remove(byte[] key)
    {
        if (_series.TryRemove(key, out _))
            Interlocked.Decrement(ref _count);
    }

    /// <summary>Nothing is left of the device.</summary>
    public void Forget(string device)
    {
        _devices.TryRemove(device, out _);
        _vast.TryRemove(device, out _);
        byte[] start = [.. Encoding.UTF8.GetBytes(device), MeasurementKey.Separator];
        foreach (var (key, _) in _series)
        {
            if (key.AsSpan().StartsWith(start))
                Remove(key);
        }
    }

    public void Clear()
    {
        _devices.Clear();
        _series.Clear();
        Volatile.Write(ref _count, 0);
    }
}
