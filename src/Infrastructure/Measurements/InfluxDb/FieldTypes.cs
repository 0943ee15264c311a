using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

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
    private volatile Dictionary<byte[], FieldType[]> _told = new(Utf8Comparer.Instance);
    private volatile Snapshot? _measurements;
    private int _version;
    private long? _loadedAt;
    private long? _failedAt;

    /// <summary>Null when nobody has written the field yet, as far as is known here.</summary>
    public FieldType? Find(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        Span<byte> name = stackalloc byte[measurement.Length + 1 + field.Length];
        Compose(measurement, field, name);
        return _types.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var type) ? type : null;
    }

    /// <summary>Another type that a field has in InfluxDB itself, when it was last asked; null when it has none, or this one.</summary>
    public FieldType? FindOther(string measurement, string field, FieldType given)
    {
        var name = Compose(Encoding.UTF8.GetBytes(measurement), Encoding.UTF8.GetBytes(field));
        return _told.TryGetValue(name, out var types) && !types.Contains(given) ? types[0] : null;
    }

    /// <summary>Gives a field its type unless it has one; true when it was given now.</summary>
    public bool TryAdd(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field, FieldType type)
    {
        var isNew = _types.TryAdd(Compose(measurement, field), type);
        if (isNew)
            Interlocked.Increment(ref _version);
        return isNew;
    }

    /// <summary>Takes back what <see cref="TryAdd"/> gave, when nothing was stored of it.</summary>
    public void Remove(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> field)
    {
        if (_types.TryRemove(Compose(measurement, field), out _))
            Interlocked.Increment(ref _version);
    }

    /// <summary>
    /// Adds what InfluxDB knows, unless that was asked a moment ago; all who wait share one question, and its failure. What InfluxDB says
    /// of a field counts, should another have been assumed while it could not be asked.
    /// </summary>
    /// <exception cref="InfluxDbException">InfluxDB does not answer.</exception>
    public Task LoadAsync(CancellationToken cancellationToken) => LoadAsync(Freshness, cancellationToken);

    /// <summary>The same, however lately it was asked.</summary>
    /// <exception cref="InfluxDbException">InfluxDB does not answer.</exception>
    public Task LoadNowAsync(CancellationToken cancellationToken) => LoadAsync(TimeSpan.Zero, cancellationToken);

    private Task<bool> LoadAsync(TimeSpan freshness, CancellationToken cancellationToken) => _loading.RunAsync(
        async () =>
        {
            if (_loadedAt is { } loaded && time.GetElapsedTime(loaded) < freshness)
                return true;
            if (_failedAt is { } failed && time.GetElapsedTime(failed) < Freshness)
                throw new InfluxDbException(InfluxDbFailure.Unavailable, "It did not tell its fields a moment ago.");
            await AskAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.QueryAsync(bucket, new InfluxQl(bindsValues: false).Append("SHOW FIELD KEYS"), cancellationToken);
            var told = new Dictionary<byte[], FieldType[]>(Utf8Comparer.Instance);
            foreach (var series in answer.Series)
                Take(series, told);
            _told = told;
            (_loadedAt, _failedAt) = (time.GetTimestamp(), null);
        }
        catch (Exception exception)
        {
            _failedAt = time.GetTimestamp();
            if (MalformedAnswer.Is(exception))
                throw MalformedAnswer.Describe(exception);
            throw;
        }
    }

    /// <summary>All that is known, by measurement, in the order of their names: an export that is continued relies on it.</summary>
    public IReadOnlyList<MeasurementFields> Measurements()
    {
        var version = Volatile.Read(ref _version);
        if (_measurements is { } known && known.Version == version)
            return known.All;
        var all = _types.Select(pair => (Names: Encoding.UTF8.GetString(pair.Key).Split('\0'), Type: pair.Value))
            .GroupBy(field => field.Names[0], field => new FieldOfMeasurement(field.Names[1], field.Type), StringComparer.Ordinal)
            .Select(group => new MeasurementFields(group.Key, [.. group.OrderBy(field => Encoding.UTF8.GetBytes(field.Name), Utf8Order.Instance)]))
            .OrderBy(measurement => Encoding.UTF8.GetBytes(measurement.Name), Utf8Order.Instance)
            .ToArray();
        _measurements = new Snapshot(version, all);
        return all;
    }

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

    private void Take(AnswerSeries series, Dictionary<byte[], FieldType[]> told)
    {
        var measurement = Encoding.UTF8.GetBytes(series.Name);
        var fields = series.Rows.GroupBy(row => Keys.Decode(row[0].GetString()!), row => TypeOf(row[1].GetString()!), StringComparer.Ordinal);
        foreach (var field in fields)
        {
            // More than one where somebody else has written another type into another shard.
            var types = field.ToArray();
            var name = Compose(measurement, Encoding.UTF8.GetBytes(field.Key));
            told[name] = types;
            if (_types.TryGetValue(name, out var known) && types.Contains(known))
                continue;
            _types[name] = types[0];
            Interlocked.Increment(ref _version);
        }
    }

    private static FieldType TypeOf(string name) => name switch
    {
        "string" => FieldType.Text,
        "boolean" => FieldType.Boolean,
        _ => FieldType.Number,
    };

    private sealed record Snapshot(int Version, IReadOnlyList<MeasurementFields> All);
}

/// <summary>A measurement and its fields in the order of their names' UTF-8 bytes.</summary>
internal sealed record MeasurementFields(string Name, FieldOfMeasurement[] Fields);

internal readonly record struct FieldOfMeasurement(string Name, FieldType Type)
{
    /// <summary>The field as InfluxQL names it, so that it is neither taken for a tag nor for a field of another type elsewhere.</summary>
    public string Cast => Type switch
    {
        FieldType.Number => "::float",
        FieldType.Boolean => "::boolean",
        _ => "::string",
    };
}
