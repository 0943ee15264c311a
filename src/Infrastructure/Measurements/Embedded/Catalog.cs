using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// All buckets, origins and series in memory. Written by the committer alone. What a commit adds is noted, so that it can be
/// written in the same transaction as its first points, and taken back when that fails.
/// </summary>
internal sealed class Catalog
{
    private readonly ConcurrentDictionary<string, BucketCatalog> _buckets = new(StringComparer.Ordinal);
    private readonly List<Origin> _newOrigins = [];
    private readonly List<Series> _newSeries = [];
    private readonly List<(Origin Origin, FieldDefinition Field)> _newFields = [];
    private Series?[] _series = new Series?[1024];
    private int _nextOrigin = 1;
    private int _nextSeries = 1;

    public IReadOnlyList<Origin> NewOrigins => _newOrigins;

    public IReadOnlyList<Series> NewSeries => _newSeries;

    public IReadOnlyList<(Origin Origin, FieldDefinition Field)> NewFields => _newFields;

    public int SeriesCount => _nextSeries - 1;

    public BucketCatalog? FindBucket(string name) => _buckets.GetValueOrDefault(name);

    public Series? FindSeries(int id) => (uint)id < (uint)_series.Length ? _series[id] : null;

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
    public void LoadBucket(int id, string name) => _buckets[name] = new BucketCatalog(id, name);

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
