using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.StoreModel;

/// <summary>
/// What every store should do, in the plainest way: one dictionary a bucket, sorted at each question. What has become older than the
/// retention is gone for ever. A bucket that is asked about must be there; <see cref="Find"/> tells.
/// </summary>
internal sealed class NaiveStore(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<BucketName, NaiveBucket> _buckets = new() { [BucketName.Default] = new NaiveBucket(Bucket.Default) };

    /// <summary>By the bytes of their names.</summary>
    public IReadOnlyList<Bucket> Buckets =>
        [.. _buckets.Values.Select(bucket => bucket.Settings).OrderBy(bucket => Convert.ToHexString(Encoding.UTF8.GetBytes(bucket.Name.Value)), StringComparer.Ordinal)];

    public Bucket? Find(BucketName name) => _buckets.GetValueOrDefault(name)?.Settings;

    /// <summary>Creates the bucket or changes it; true when it is new.</summary>
    public bool Save(Bucket bucket)
    {
        if (_buckets.TryAdd(bucket.Name, new NaiveBucket(bucket)))
            return true;
        Open(bucket.Name).Settings = bucket;
        return false;
    }

    /// <summary>False when there is no such bucket.</summary>
    public bool Delete(BucketName name) => _buckets.Remove(name);

    /// <summary>False when a field has another type than it was first written with.</summary>
    public bool Write(MeasurementKey key, long time, IReadOnlyList<(string Name, FieldValue Value)> fields, BucketName? bucket = null) =>
        Open(bucket ?? BucketName.Default).Write(key, time, fields);

    public long Delete(MeasurementSelection selection)
    {
        var lost = new HashSet<(MeasurementKey, long)>();
        foreach (var ((key, _), points) in Open(selection.Filter.Bucket).Select(selection.Filter))
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
        var all = Open(query.Selection.Filter.Bucket).Select(query.Selection.Filter)
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
        var all = Open(query.Filter.Bucket).Select(query.Filter)
            .Where(series => series.Value.Keys.Any(time => time >= query.Oldest.Nanoseconds))
            .GroupBy(series => series.Key.Key)
            .Where(group => query.After is null || group.Key > query.After)
            .OrderBy(group => group.Key)
            .Select(group => new LatestValues(group.Key, [.. group
                .OrderBy(series => series.Key.Field, Utf8Order.Instance)
                .Select(series => new LatestField(series.Key.Field, series.Value.MaxBy(point => point.Key).Value, new Timestamp(series.Value.Keys.Max())))]))
            .ToList();
        return new LatestPage([.. all.Take(query.Limit)], all.Count > query.Limit);
    }

    /// <summary>The windows of every series, with their values; null when the fields asked for are no numbers.</summary>
    /// <param name="selection">What is asked for.</param>
    /// <param name="length">Nanoseconds of a window; zero: the range is one.</param>
    /// <param name="judgesByBucket">Whether what is no number is judged by the fields of all devices, instead of by those asked for.</param>
    public IReadOnlyList<(MeasurementKey Key, string Field, List<(long Start, double[] Values)> Windows)>? Aggregate(
        MeasurementSelection selection, long length, bool judgesByBucket = false)
    {
        var bucket = Open(selection.Filter.Bucket);
        var (filter, range) = (selection.Filter, selection.Range);
        var judged = judgesByBucket ? filter with { Fields = [], Devices = [], Tags = [], Visible = DeviceSet.All } : filter with { Fields = [] };
        var types = bucket.Select(judged).Select(series => (series.Key.Field, Type: bucket.Types[(series.Key.Key.Name, series.Key.Field)])).ToList();
        bool IsNoNumber(IEnumerable<FieldType> of) => of.Any() && !of.Contains(FieldType.Number);
        var isWrong = filter.Fields.Count == 0
            ? IsNoNumber(types.Select(type => type.Type))
            : filter.Fields.Any(field => IsNoNumber(types.Where(type => type.Field == field).Select(type => type.Type)));
        if (isWrong)
            return null;
        return [.. bucket.Select(filter)
            .Where(series => bucket.Types[(series.Key.Key.Name, series.Key.Field)] == FieldType.Number)
            .Select(series => (series.Key.Key, series.Key.Field, Windows: NaiveAggregates.Windows(series.Value, range, range, length)))
            .Where(series => series.Windows.Count > 0)
            .OrderBy(series => series.Key).ThenBy(series => series.Field, Utf8Order.Instance)];
    }

    /// <summary>Of each key the points of the field that has the most: as many measurements as a store that counts points can tell.</summary>
    public long Count(BucketName name) => Open(name).Series.GroupBy(series => series.Key.Key).Sum(key => key.Max(series => series.Value.Count));

    private static MeasurementPosition Position(Measurement item) => new(item.Timestamp, item.Key);

    private static IEnumerable<Field> Sort(IEnumerable<Field> fields) => fields.OrderBy(field => field.Name, Utf8Order.Instance);

    private NaiveBucket Open(BucketName name)
    {
        var bucket = _buckets[name];
        bucket.Forget(bucket.Settings.Retention.OldestAt(Timestamp.From(_time.GetUtcNow())).Nanoseconds);
        return bucket;
    }
}
