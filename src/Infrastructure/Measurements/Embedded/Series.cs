using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>A field's name and type, shared by all series of a bucket that have the same measurement name and field.</summary>
internal sealed record FieldDefinition(string Name, byte[] Utf8, FieldType Type);

/// <summary>One field of one <see cref="Origin"/>, with its recent points. <see cref="Memtable.Gate"/> guards all that changes.</summary>
internal sealed class Series(int id, Origin origin, FieldDefinition definition, bool mayHaveChunks)
{
    public int Id => id;

    public Origin Origin => origin;

    public FieldDefinition Field => definition;

    /// <summary>Points since the last flush began.</summary>
    public SeriesBuffer? Active { get; set; }

    /// <summary>Points that a flush is writing.</summary>
    public SeriesBuffer? Frozen { get; set; }

    /// <summary>False until something of the series was flushed, so that a fresh series is read without asking the disk.</summary>
    public bool MayHaveChunks { get; set; } = mayHaveChunks;

    /// <summary>The newest point, when <see cref="IsLatestKnown"/>; its time is null when there is none.</summary>
    public LatestPoint? Latest { get; set; }

    public bool IsLatestKnown { get; set; } = !mayHaveChunks;

    /// <summary>Changes with each write and deletion, so that what was read outside of the gate is not taken for the newest.</summary>
    public int Revision { get; set; }

    public FieldValue ToValue(long bits, string? text) =>
        definition.Type == FieldType.Text ? FieldValue.Of(text!) : FieldValue.FromBits(definition.Type, bits);
}

/// <summary>A time, the bits of its value, and its text if it is one.</summary>
internal readonly record struct LatestPoint(long Time, long Bits, string? Text);

/// <summary>Device, name and tags in one bucket: where measurements come from. Its series are its fields.</summary>
internal sealed class Origin(int id, BucketCatalog bucket, byte[] key)
{
    private MeasurementKey? _key;

    public int Id => id;

    public BucketCatalog Bucket => bucket;

    /// <summary>The canonical form of <see cref="Key"/>.</summary>
    public byte[] Utf8 => key;

    public MeasurementKey Key => _key ??= MeasurementKey.FromUtf8(key);

    /// <summary>Replaced, never changed in place, so that readers see a whole one.</summary>
    public Series[] Fields { get; private set; } = [];

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

    /// <summary>The series of a field; devices send their fields in the same order each time, so its place is tried first.</summary>
    public Series? Find(ReadOnlySpan<byte> field, int place)
    {
        var fields = Fields;
        if ((uint)place < (uint)fields.Length && field.SequenceEqual(fields[place].Field.Utf8))
            return fields[place];
        foreach (var series in fields)
        {
            if (field.SequenceEqual(series.Field.Utf8))
                return series;
        }

        return null;
    }

    public void Add(Series series) => Fields = [.. Fields, series];

    public void Remove(Series series) => Fields = [.. Fields.Where(field => field != series)];
}
