using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.StoreModel;

/// <summary>What every store should do, in the plainest way: one dictionary, sorted at each question.</summary>
internal sealed class NaiveStore
{
    private readonly Dictionary<(MeasurementKey Key, string Field), Dictionary<long, FieldValue>> _series = [];
    private readonly Dictionary<(string Name, string Field), FieldType> _types = [];

    /// <summary>False when a field has another type than it was first written with.</summary>
    public bool Write(MeasurementKey key, long time, IReadOnlyList<(string Name, FieldValue Value)> fields)
    {
        if (fields.Any(field => _types.TryGetValue((key.Name, field.Name), out var type) && type != field.Value.Type))
            return false;
        foreach (var (name, value) in fields)
        {
            _types[(key.Name, name)] = value.Type;
            if (!_series.TryGetValue((key, name), out var points))
                _series.Add((key, name), points = []);
            points[time] = value;
        }

        return true;
    }

    public long Delete(MeasurementSelection selection)
    {
        var lost = new HashSet<(MeasurementKey, long)>();
        foreach (var ((key, field), points) in Select(selection.Filter))
        {
            foreach (var time in points.Keys.Where(time => selection.Range.Contains(new Timestamp(time))).ToArray())
            {
                points.Remove(time);
                lost.Add((key, time));
            }
        }

        return lost.Count;
    }

    public MeasurementPage Read(MeasurementQuery query)
    {
        var all = Select(query.Selection.Filter)
            .SelectMany(series => series.Value.Select(point => (series.Key.Key, series.Key.Field, Time: point.Key, point.Value)))
            .Where(point => query.Selection.Range.Contains(new Timestamp(point.Time)))
            .GroupBy(point => (point.Key, point.Time))
            .Select(group => new Measurement(group.Key.Key, new Timestamp(group.Key.Time), [.. Sort(group.Select(p => new Field(p.Field, p.Value)))]))
            .OrderBy(Position)
            .ToList();
        if (query.Order == SortOrder.Descending)
            all.Reverse();
        var left = all.Where(item => query.After is null
            || (query.Order == SortOrder.Descending ? Position(item) < query.After : Position(item) > query.After)).ToList();
        return new MeasurementPage([.. left.Take(query.Limit)], left.Count > query.Limit);
    }

    public LatestPage ReadLatest(LatestQuery query)
    {
        var all = Select(query.Filter)
            .Where(series => series.Value.Count > 0)
            .GroupBy(series => series.Key.Key)
            .Where(group => query.After is null || group.Key > query.After)
            .OrderBy(group => group.Key)
            .Select(group => new LatestValues(group.Key, [.. group
                .OrderBy(series => series.Key.Field, StringComparer.Ordinal)
                .Select(series => new LatestField(series.Key.Field, series.Value.MaxBy(point => point.Key).Value, new Timestamp(series.Value.Keys.Max())))]))
            .ToList();
        return new LatestPage([.. all.Take(query.Limit)], all.Count > query.Limit);
    }

    private static MeasurementPosition Position(Measurement item) => new(item.Timestamp, item.Key);

    private static IEnumerable<Field> Sort(IEnumerable<Field> fields) => fields.OrderBy(field => field.Name, StringComparer.Ordinal);

    private IEnumerable<KeyValuePair<(MeasurementKey Key, string Field), Dictionary<long, FieldValue>>> Select(MeasurementFilter filter) =>
        _series.Where(series =>
            (filter.Devices.Count == 0 || filter.Devices.Contains(series.Key.Key.Device))
            && (filter.Names.Count == 0 || filter.Names.Contains(series.Key.Key.Name))
            && (filter.Fields.Count == 0 || filter.Fields.Contains(series.Key.Field))
            && filter.Tags.All(tag => series.Key.Key.Tags.Contains(tag))
            && filter.Visible.Contains(series.Key.Key.Device));
}
