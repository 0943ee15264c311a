using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.StoreModel;

/// <summary>One bucket of the <see cref="NaiveStore"/>.</summary>
internal sealed class NaiveBucket(Bucket settings)
{
    private readonly Dictionary<(string Name, string Field), FieldType> _types = [];

    /// <summary>The type that each field of a name was first written with.</summary>
    public IReadOnlyDictionary<(string Name, string Field), FieldType> Types => _types;

    public Bucket Settings { get; set; } = settings;

    /// <summary>Values by time, of each field of each key.</summary>
    public Dictionary<(MeasurementKey Key, string Field), Dictionary<long, FieldValue>> Series { get; } = [];

    /// <summary>False when a field has another type than it was first written with.</summary>
    public bool Write(MeasurementKey key, long time, IReadOnlyList<(string Name, FieldValue Value)> fields)
    {
        if (fields.Any(field => _types.TryGetValue((key.Name, field.Name), out var type) && type != field.Value.Type))
            return false;
        foreach (var (name, value) in fields)
        {
            _types[(key.Name, name)] = value.Type;
            if (!Series.TryGetValue((key, name), out var points))
                Series.Add((key, name), points = []);
            points[time] = value;
        }

        return true;
    }

    /// <summary>Drops what is older than the time.</summary>
    public void Forget(long oldest)
    {
        foreach (var points in Series.Values)
        {
            foreach (var time in points.Keys.Where(time => time < oldest).ToArray())
                points.Remove(time);
        }
    }

    public IEnumerable<KeyValuePair<(MeasurementKey Key, string Field), Dictionary<long, FieldValue>>> Select(MeasurementFilter filter) =>
        Series.Where(series =>
            (filter.Devices.Count == 0 || filter.Devices.Contains(series.Key.Key.Device))
            && (filter.Names.Count == 0 || filter.Names.Contains(series.Key.Key.Name))
            && (filter.Fields.Count == 0 || filter.Fields.Contains(series.Key.Field))
            && filter.Tags.All(tag => series.Key.Key.Tags.Contains(tag))
            && filter.Visible.Contains(series.Key.Key.Device));
}
