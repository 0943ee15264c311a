using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The types that the fields of a bucket have, by measurement name. InfluxDB itself holds a field to one type only within a shard, which is a
/// day or a week; here it is held to it whatever the time. Asked of InfluxDB at first use and whenever an unknown field comes, and kept since.
/// Safe for concurrent use.
/// </summary>
internal sealed class FieldTypes(BucketName bucket, InfluxDbClient client, TimeProvider time)
{
    // How often InfluxDB is asked, at most.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<byte[], FieldType> _types = new(Utf8Comparer.Instance);
    private readonly Turn _loading = new();
    private long _loadedAt;
    private bool _isLoaded;

    /// <summary>Null when nobody has written the field yet, as far as is known here.</summary>
    public FieldType? Find(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        Span<byte> name = stackalloc byte[measurement.Length + 1 + field.Length];
        Compose(measurement, field, name);
        return _types.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var type) ? type : null;
    }

    public FieldType? Find(string measurement, string field) => Find(Encoding.UTF8.GetBytes(measurement), Encoding.UTF8.GetBytes(field));

    /// <summary>Gives a field its type unless it has one; true when it was given now.</summary>
    public bool TryAdd(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field, FieldType type) =>
        _types.TryAdd(Compose(measurement, field), type);

    /// <summary>Takes back what <see cref="TryAdd"/> gave, when nothing was stored of it.</summary>
    public void Remove(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field) => _types.TryRemove(Compose(measurement, field), out _);

    /// <summary>Adds what InfluxDB knows, unless that was asked a moment ago; all who wait share one question.</summary>
    /// <exception cref="InfluxDbException">InfluxDB does not answer.</exception>
    public Task LoadAsync(CancellationToken cancellationToken) => _loading.RunAsync(
        async () =>
        {
            if (_isLoaded && time.GetElapsedTime(_loadedAt) < Freshness)
                return false;
            using var answer = await client.QueryAsync(bucket, new InfluxQl(bindsValues: false).Append("SHOW FIELD KEYS"), cancellationToken);
            foreach (var series in answer.Series)
                Add(series);
            _loadedAt = time.GetTimestamp();
            return _isLoaded = true;
        },
        cancellationToken);

    /// <summary>The names of all fields of all measurements.</summary>
    public IReadOnlyList<string> FieldNames() =>
        [.. _types.Keys.Select(FieldOf).Distinct(StringComparer.Ordinal)];

    private static string FieldOf(byte[] name) => Encoding.UTF8.GetString(name.AsSpan(name.AsSpan().IndexOf(MeasurementKey.Separator) + 1));

    private static byte[] Compose(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        var name = new byte[measurement.Length + 1 + field.Length];
        Compose(measurement, field, name);
        return name;
    }

    private static void Compose(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field, Span<byte> name)
    {
        measurement.CopyTo(name);
        name[measurement.Length] = MeasurementKey.Separator;
        field.CopyTo(name[(measurement.Length + 1)..]);
    }

    private void Add(AnswerSeries series)
    {
        var measurement = Encoding.UTF8.GetBytes(series.Name);
        foreach (var row in series.Rows)
        {
            var field = Encoding.UTF8.GetBytes(Keys.Decode(row[0].GetString()!));
            TryAdd(measurement, field, TypeOf(row[1].GetString()!));
        }
    }

    private static FieldType TypeOf(string name) => name switch
    {
        "string" => FieldType.Text,
        "boolean" => FieldType.Boolean,
        _ => FieldType.Number,
    };
}
