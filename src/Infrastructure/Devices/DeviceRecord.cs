using System.Text;
using IotBackend.Application.Devices;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Devices;

/// <summary>What is known of one device. One thread at a time changes it; others read meanwhile, each number by itself.</summary>
internal sealed class DeviceRecord(byte[] utf8)
{
    private string? _name;
    private long _firstSeen;
    private long _lastSeen;
    private long _measurements;

    /// <summary>Its name in UTF-8.</summary>
    public byte[] Utf8 => utf8;

    /// <summary>Nanoseconds since 1970; meaningless while there are no measurements.</summary>
    public long FirstSeen => Volatile.Read(ref _firstSeen);

    public long LastSeen => Volatile.Read(ref _lastSeen);

    /// <summary>None: it is not to be shown, because it was forgotten or has not been seen yet.</summary>
    public long Measurements => Volatile.Read(ref _measurements);

    /// <summary>Some more were received. A clock that went back does not make what was seen later unseen.</summary>
    public void Add(long measurements, long seen) => Add(measurements, seen, seen);

    public void Add(long measurements, long firstSeen, long lastSeen)
    {
        var isFirst = _measurements == 0;
        Volatile.Write(ref _firstSeen, isFirst ? firstSeen : Math.Min(_firstSeen, firstSeen));
        Volatile.Write(ref _lastSeen, isFirst ? lastSeen : Math.Max(_lastSeen, lastSeen));
        Volatile.Write(ref _measurements, _measurements + measurements);
    }

    public void Set(long measurements, long firstSeen, long lastSeen)
    {
        Volatile.Write(ref _firstSeen, firstSeen);
        Volatile.Write(ref _lastSeen, lastSeen);
        Volatile.Write(ref _measurements, measurements);
    }

    public void Forget() => Volatile.Write(ref _measurements, 0);

    public DeviceSummary ToSummary() =>
        new(_name ??= Encoding.UTF8.GetString(utf8), new Timestamp(FirstSeen), new Timestamp(LastSeen), Measurements);
}
