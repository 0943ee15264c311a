using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// All buckets, origins and series in memory. Written by the committer alone. What a commit adds is noted, so that it can be
/// written in the same transaction as its first points, and taken back when that fails.
/// </summary>
internal sealed class Catalog
{
    private readonly ConcurrentDictionary<string, BucketCatalog> _buckets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, BucketCatalog> _deleted = [];
    private readonly List<Origin> _newOrigins = [];
    private readonly List<Series> _newSeries = [];
    private readonly List<(Origin Origin, FieldDefinition Field)> _newFields = [];
    private Series?[] _series = new Series?[1024];
    private int _nextBucket = 1;
    private int _nextOrigin = 1;
    private int _nextSeries = 1;

    public IReadOnlyList<Origin> NewOrigins => _newOrigins;

    public IReadOnlyList<Series> NewSeries => _newSeries;

    public IReadOnlyList<(Origin Origin, FieldDefinition Field)> NewFields => _newFields;

    public int SeriesCount => _nextSeries - 1;

    /// <summary>The buckets that there are now.</summary>
    public IEnumerable<BucketCatalog> Buckets => _buckets.Values;

    /// <summary>Deleted buckets of which something is left on disk.</summary>
    public IEnumerable<BucketCatalog> DeletedBuckets => _deleted.Values;

    /// <summary>The id that the next bucket gets.</summary>
    public int NextBucketId => _nextBucket;

    public BucketCatalog? FindBucket(string name) => _buckets.GetValueOrDefault(name);

    public Series? FindSeries(int id) => (uint)id < (uint)_series.Length ? _series[id] : null;

    /// <summary>A bucket that is on disk already, empty.</summary>
    public void AddBucket(Bucket bucket) => LoadBucket(_nextBucket, bucket, null);

    /// <summary>
    /// Nobody finds the bucket any more, from its deletion's reaching the disk on. Its series stay known by their ids, because
    /// rows of the inbox may name them.
    /// </summary>
    public void Delete(BucketCatalog bucket, long lastSequence)
    {
        bucket.MarkDeleted(lastSequence);
        _deleted[bucket.Id] = bucket;
        _buckets.TryRemove(new(bucket.Settings.Name.Value, bucket));
    }

    /// <summary>Forgets series of a deleted bucket that are erased from the disk.</summary>
    public void Forget(Origin origin)
    {
        foreach (var series in origin.Fields)
            _series[series.Id] = null;
    }

    /// <summary>Forgets a deleted bucket of which nothing is left.</summary>
    public void Forget(BucketCatalog bucket) => _deleted.TryRemove(bucket.Id, out _);

    public Origin AddOrigin(BucketCatalog bucket, ReadOnlySpan<byte> key)
    {
        var origin = new Origin(_nextOrigin++, bucket, key.ToArray());
        bucket.Add(origin);
        _newOrigins.Add(origin);
        return origin;
    }

    /// <summary>Adds a series whose field has the type that is known for it, or else gets this one.</summary>
    public Series AddSeries(Origin origin, ReadOnlySpan<byte> field, FieldType type)
    {
        var definition = origin.Bucket.FindField(origin.Name, field);
        if (definition is null)
        {
            definition = new FieldDefinition(Encoding.UTF8.GetString(field), field.ToArray(), type);
            origin.Bucket.AddField(origin.Name, definition);
            _newFields.Add((origin, definition));
        }

        var series = new Series(_nextSeries++, origin, definition, mayHaveChunks: false);
        Place(series);
        _newSeries.Add(series);
        return series;
    }

    /// <summary>What was added is on disk now.</summary>
    public void Accept()
    {
        _newOrigins.Clear();
        _newSeries.Clear();
        _newFields.Clear();
    }

    /// <summary>What was added did not reach the disk: as if it had never been.</summary>
    public void TakeBack()
    {
        foreach (var series in _newSeries)
            _series[series.Id] = null;
        foreach (var origin in _newSeries.GroupBy(series => series.Origin))
            origin.Key.RemoveLast(origin.Count());

        foreach (var (origin, field) in _newFields)
            origin.Bucket.RemoveField(origin.Name, field);
        foreach (var bucket in _newOrigins.GroupBy(origin => origin.Bucket))
            bucket.Key.RemoveLast([.. bucket]);
        (_nextSeries, _nextOrigin) = (_nextSeries - _newSeries.Count, _nextOrigin - _newOrigins.Count);
        Accept();
    }

    /// <summary>Gives no id away that chunks know already, should the catalog be older than they are.</summary>
    public void ReserveSeries(int lastId) => _nextSeries = Math.Max(_nextSeries, lastId + 1);

    /// <summary>Puts in what the file holds, at the start.</summary>
    public BucketCatalog LoadBucket(int id, Bucket settings, long? deletedAfter)
    {
        var bucket = new BucketCatalog(id, settings);
        _nextBucket = Math.Max(_nextBucket, id + 1);
        if (deletedAfter is { } lastSequence)
            Delete(bucket, lastSequence);
        else
            _buckets[settings.Name.Value] = bucket;
        return bucket;
    }

    /// <summary>Puts in what the file holds, at the start.</summary>
    public Origin LoadOrigin(int id, BucketCatalog bucket, ReadOnlySpan<byte> key)
    {
        var origin = new Origin(id, bucket, key.ToArray());
        bucket.Add(origin);
        _nextOrigin = Math.Max(_nextOrigin, id + 1);
        return origin;
    }

    /// <summary>Puts in what the file holds, at the start.</summary>
    public void LoadSeries(int id, Origin origin, FieldDefinition field)
    {
        Place(new Series(id, origin, field, mayHaveChunks: true));
        _nextSeries = Math.Max(_nextSeries, id + 1);
    }

    private void Place(Series series)
    {
        if (series.Id >= _series.Length)
            Array.Resize(ref _series, Math.Max(series.Id + 1, _series.Length * 2));
        _series[series.Id] = series;
        series.Origin.Add(series);
    }
}
