using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Device, name and tags in one bucket: where measurements come from. Its series are its fields.</summary>
internal sealed class Origin(int id, BucketCatalog bucket, byte[] key)
{
    private const int FewFields = 16;

    private MeasurementKey? _key;
    private volatile GrowingList<Series> _fields = GrowingList<Series>.Empty;
    private Dictionary<byte[], Series>? _byName;

    public int Id => id;

    public BucketCatalog Bucket => bucket;

    /// <summary>The device that it is of; set when the bucket takes it on.</summary>
    public StoredDevice Owner { get; set; } = null!;

    /// <summary>The canonical form of <see cref="Key"/>.</summary>
    public byte[] Utf8 => key;

    public MeasurementKey Key => _key ??= MeasurementKey.FromUtf8(key);

    /// <summary>The series in the order in which they came; a whole list at any time.</summary>
    public GrowingList<Series> Fields => _fields;

    public ReadOnlySpan<byte> Device => key.AsSpan(0, key.AsSpan().IndexOf(MeasurementKey.Separator));

    public ReadOnlySpan<byte> Name
    {
        get
        {
            var rest = key.AsSpan(Device.Length + 1);
            var end = rest.IndexOf(MeasurementKey.Separator);
            return end < 0 ? rest : rest[..end];
        }
    }

    /// <summary>
    /// The series of a field; devices send their fields in the same order each time, so its place is tried first.
    /// For the committer alone.
    /// </summary>
    public Series? Find(ReadOnlySpan<byte> field, int place)
    {
        var fields = _fields.Items;
        if ((uint)place < (uint)fields.Length && field.SequenceEqual(fields[place].Field.Utf8))
            return fields[place];
        if (_byName is not null)
            return _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(field, out var found) ? found : null;
        foreach (var series in fields)
        {
            if (field.SequenceEqual(series.Field.Utf8))
                return series;
        }

        return null;
    }

    /// <summary>Adds the series of a further field; for the committer alone.</summary>
    public void Add(Series series)
    {
        _fields = _fields.With(series);
        if (_byName is not null)
            _byName.Add(series.Field.Utf8, series);
        else if (_fields.Count > FewFields)
            _byName = ByName();
    }

    /// <summary>Takes back the series that were added last; for the committer alone.</summary>
    public void RemoveLast(int count)
    {
        _fields = _fields.WithoutLast(count);
        _byName = _fields.Count > FewFields ? ByName() : null;
    }

    private Dictionary<byte[], Series> ByName() => _fields.ToDictionary(one => one.Field.Utf8, Utf8Comparer.Instance);
}
