using System.Collections.Concurrent;
using System.Text;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>What a bucket holds by name. Written by the committer alone; readers see whole lists at any time.</summary>
internal sealed class BucketCatalog(int id, string name)
{
    private readonly Dictionary<byte[], Origin> _origins = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], FieldDefinition> _fields = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], Origin[]> _byDevice = new(Utf8Comparer.Instance);
    private volatile OriginList _all = new([], 0);

    public int Id => id;

    public string Name => name;

    /// <summary>All origins in the order in which they came.</summary>
    public ReadOnlyMemory<Origin> Origins => _all.Items.AsMemory(0, _all.Count);

    public IReadOnlyList<Origin> OriginsOf(string device) => _byDevice.TryGetValue(Encoding.UTF8.GetBytes(device), out var origins) ? origins : [];

    public Origin? Find(ReadOnlySpan<byte> key) => _origins.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var origin) ? origin : null;

    public FieldDefinition? FindField(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        Span<byte> name = stackalloc byte[measurement.Length + 1 + field.Length];
        Compose(measurement, field, name);
        return _fields.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var definition) ? definition : null;
    }

    public void Add(Origin origin)
    {
        _origins.Add(origin.Utf8, origin);
        _byDevice.AddOrUpdate(origin.Device.ToArray(), static (_, added) => [added], static (_, there, added) => [.. there, added], origin);
        var (items, count) = (_all.Items, _all.Count);
        if (count == items.Length)
            Array.Resize(ref items, Math.Max(16, count * 2));
        items[count] = origin;
        _all = new OriginList(items, count + 1);
    }

    /// <summary>Takes back the origin that was added last.</summary>
    public void RemoveLast(Origin origin)
    {
        _origins.Remove(origin.Utf8);
        var device = origin.Device.ToArray();
        _byDevice[device] = [.. _byDevice[device].Where(other => other != origin)];

        // A new array: a reader may still hold the old one with its count.
        _all = new OriginList([.. _all.Items[..(_all.Count - 1)]], _all.Count - 1);
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

    private sealed record OriginList(Origin[] Items, int Count);
}
