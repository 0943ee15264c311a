using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace IotBackend.Application.Caching;

/// <summary>What is read of a bucket: all of it, or single devices.</summary>
internal sealed class BucketInterest(long number)
{
    private long _everything = number;
    private Interest? _whole;

    /// <summary>The number of the last change that could concern every answer of the bucket.</summary>
    public long Everything
    {
        get => Volatile.Read(ref _everything);
        set => Volatile.Write(ref _everything, value);
    }

    /// <summary>Of those who name no device; null when there are none.</summary>
    public Interest? Whole
    {
        get => Volatile.Read(ref _whole);
        set => Volatile.Write(ref _whole, value);
    }

    /// <summary>Of those who name devices, by their names in UTF-8.</summary>
    public ConcurrentDictionary<byte[], Interest> Devices { get; } = new(Utf8Names.Instance);

    /// <summary>Finds a device without making anything of its name.</summary>
    public bool TryGetDevice(ReadOnlySpan<byte> device, [NotNullWhen(true)] out Interest? interest) =>
        Devices.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(device, out interest);
}
