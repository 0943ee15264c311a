namespace IotBackend.Domain.Measurements;

/// <summary>A measurement as it is read back: what it is of, when, and its fields in the order of their names' UTF-8 bytes.</summary>
public sealed record Measurement(MeasurementKey Key, Timestamp Timestamp, IReadOnlyList<Field> Fields);

/// <summary>A named value.</summary>
public readonly record struct Field(string Name, FieldValue Value);

/// <summary>The newest value of every field of one key, each with its own time; fields in the order of their names' UTF-8 bytes.</summary>
public sealed record LatestValues(MeasurementKey Key, IReadOnlyList<LatestField> Fields);

/// <summary>The newest value of a field and its time.</summary>
public readonly record struct LatestField(string Name, FieldValue Value, Timestamp Timestamp);

/// <summary>Place of a measurement in the total order of a bucket: by time, then by the key's bytes. What a cursor holds.</summary>
public sealed record MeasurementPosition(Timestamp Timestamp, MeasurementKey Key) : IComparable<MeasurementPosition>
{
    public int CompareTo(MeasurementPosition? other)
    {
        if (other is null)
            return 1;
        var byTime = Timestamp.CompareTo(other.Timestamp);
        return byTime != 0 ? byTime : Key.CompareTo(other.Key);
    }

    public static bool operator <(MeasurementPosition left, MeasurementPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(MeasurementPosition left, MeasurementPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(MeasurementPosition left, MeasurementPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MeasurementPosition left, MeasurementPosition right) => left.CompareTo(right) >= 0;
}
