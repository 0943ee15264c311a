using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements;

namespace IotBackend.Infrastructure.Devices;

/// <summary>The devices of a bucket as this node knows them.</summary>
internal sealed class CountedBucket(BucketName name)
{
    private readonly ConcurrentDictionary<byte[], CountedDevice> _devices = new(Utf8Comparer.Instance);

    public DeviceIndex Index { get; } = new();

    public IEnumerable<CountedDevice> Devices => _devices.Values;

    public CountedDevice? Find(string device) => _devices.GetValueOrDefault(Encoding.UTF8.GetBytes(device));

    public CountedDevice Of(ReadOnlySpan<byte> device)
    {
        if (_devices.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(device, out var found))
            return found;
        var added = new CountedDevice(name, device.ToArray());
        var there = _devices.GetOrAdd(added.Record.Utf8, added);
        if (there == added)
            Index.Add(added.Record);
        return there;
    }
}
