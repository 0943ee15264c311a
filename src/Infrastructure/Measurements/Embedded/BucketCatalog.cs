using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Devices;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>A bucket and what it holds by name. Written by the committer alone; readers see whole lists at any time.</summary>
internal sealed class BucketCatalog(int id, Bucket settings)
{
    private const long NotDeleted = -1;

    private readonly Dictionary<byte[], Origin> _origins = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], FieldDefinition> _fields = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], StoredDevice> _byDevice = new(Utf8Comparer.Instance);
    private volatile GrowingList<Origin> _all = GrowingList<Origin>.Empty;
    private volatile Result<Bucket> _found = settings;
    private long _deletedAfter = NotDeleted;

    public int Id => id;

    /// <summary>Name and rules as an answer that is ready, because every request asks for it.</summary>
    public Result<Bucket> Found => _found;

    public Bucket Settings => _found.Value;

    /// <summary>True for ever once the bucket was deleted; a new one of the same name is another object.</summary>
    public bool IsDeleted => DeletedAfter != NotDeleted;

    /// <summary>The last inbox row that there was when the bucket was deleted: no later one names its series.</summary>
    public long DeletedAfter => Interlocked.Read(ref _deletedAfter);

    /// <summary>All origins in the order in which they came.</summary>
    public GrowingList<Origin> Origins => _all;

    /// <summary>The names of the devices in UTF-8, in no order.</summary>
    public IEnumerable<byte[]> Devices => _byDevice.Keys;

    /// <summary>Those that have sent something and were not forgotten since, by name.</summary>
    public DeviceIndex Index { get; } = new();

    public GrowingList<Origin> OriginsOf(string device) =>
        FindDevice(Encoding.UTF8.GetBytes(device))?.Origins ?? GrowingList<Origin>.Empty;

    public StoredDevice? FindDevice(byte[] name) => _byDevice.GetValueOrDefault(name);

    public Origin? Find(ReadOnlySpan<byte> key) => _origins.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var origin) ? origin : null;

    public FieldDefinition? FindField(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        Span<byte> name = stackalloc byte[measurement.Length + 1 + field.Length];
        Compose(measurement, field, name);
        return _fields.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var definition) ? definition : null;
    }

    /// <summary>Takes on rules that are on disk already.</summary>
    public void Change(Bucket changed) => _found = changed;

    public void MarkDeleted(long lastSequence) => Interlocked.Exchange(ref _deletedAfter, lastSequence);

    public void Add(Origin origin)
    {
        _origins.Add(origin.Utf8, origin);
        if (!_byDevice.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin.Device, out var device))
        {
            var name = origin.Device.ToArray();
            _byDevice[name] = device = new StoredDevice(this, name);
        }

        origin.Owner = device;
        device.Add(origin);
        _all = _all.With(origin);
    }

    /// <summary>Takes back the origins that were added last.</summary>
    public void RemoveLast(IReadOnlyList<Origin> origins)
    {
        foreach (var origin in origins)
            _origins.Remove(origin.Utf8);
        foreach (var device in origins.GroupBy(origin => origin.Owner))
        {
            device.Key.RemoveLast(device.Count());
            if (device.Key.Origins.Count == 0)
                _byDevice.TryRemove(device.Key.Record.Utf8, out _);
        }

        _all = _all.WithoutLast(origins.Count);
    }

    public void AddField(ReadOnlySpan<byte> measurement, FieldDefinition definition) => _fields.Add(Compose(measurement, definition), definition);

    public void RemoveField(ReadOnlySpan<byte> measurement, FieldDefinition definition) => _fields.Remove(Compose(measurement, definition));

    private static byte[] Compose(ReadOnlySpan<byte> measurement, FieldDefinition definition)
    {
        var name = new byte[measurement.Length + 1 + definition.Utf8.Length];
        Compose(measurement, definition.Utf8, name);
        return name;
    }

    private static void Compose(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field, Span<byte> name)
    {
        measurement.CopyTo(name);
        name[measurement.Length] = Domain.Measurements.MeasurementKey.Separator;
        field.CopyTo(name[(measurement.Length + 1)..]);
    }
}
