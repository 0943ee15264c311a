using System.Text.Json;
using IotBackend.Domain.Buckets;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The buckets as InfluxDB last told them, kept in a file: after a start without InfluxDB, measurements still find their buckets' rules and
/// get into the spool. Without a folder nothing is kept.
/// </summary>
internal sealed partial class KnownBuckets(string? folder, ILogger<KnownBuckets> logger)
{
    private const string FileName = "influxdb-buckets.json";

    private readonly string? _file = folder is null ? null : Path.Combine(folder, FileName);

    /// <summary>What the file holds; the default bucket alone when there is none.</summary>
    public IReadOnlyList<Bucket> Load()
    {
        try
        {
            if (_file is not null && File.Exists(_file) && JsonSerializer.Deserialize<Entry[]>(File.ReadAllBytes(_file)) is { } entries)
                return [.. entries.Select(ToBucket).OfType<Bucket>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            Log.NotRead(logger, exception, _file!);
        }

        return [Bucket.Default];
    }

    /// <summary>Keeps the buckets; failing is no harm but after a start without InfluxDB.</summary>
    public void Save(IEnumerable<Bucket> buckets)
    {
        if (_file is null)
            return;
        try
        {
            // Beside it and then in its place, so that no half of it is ever read.
            var next = _file + ".next";
            using (var file = File.Create(next))
            {
                JsonSerializer.Serialize(file, buckets.Select(FromBucket));
                file.Flush(flushToDisk: true);
            }

            File.Move(next, _file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, exception, _file);
        }
    }

    private static Entry FromBucket(Bucket bucket) => new(bucket.Name.Value, bucket.Description, bucket.Retention.Hours);

    private static Bucket? ToBucket(Entry entry) => BucketName.TryParse(entry.Name, out _) is { } name
        ? new Bucket(name, entry.Description, entry.RetentionHours is { } hours ? Retention.OfHours(hours) : Retention.Forever)
        : null;

    private sealed record Entry(string Name, string Description, int? RetentionHours);

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "The known buckets in {File} can not be read")]
        public static partial void NotRead(ILogger logger, Exception exception, string file);

        [LoggerMessage(31, LogLevel.Warning, "The known buckets can not be kept in {File}")]
        public static partial void NotKept(ILogger logger, Exception exception, string file);
    }
}
