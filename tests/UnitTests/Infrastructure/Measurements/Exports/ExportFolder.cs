using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Exports;
using IotBackend.UnitTests.Domain.Measurements;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Exports;

/// <summary>A folder with files of exported measurements, gone when the test is over.</summary>
internal sealed class ExportFolder : IDisposable
{
    private const int LongLength = 500;

    private static readonly string Long = new('x', LongLength);

    private readonly string _folder = Directory.CreateTempSubdirectory("iot-export-").FullName;

    public ExportFiles Files { get; } = new(TimeProvider.System, NullLogger<ExportFiles>.Instance);

    public string File => Path.Combine(_folder, "measurements.gz");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Bucket Bucket(string name, string description = "", int? hours = null) => new(
        BucketName.TryParse(name, out _)!, description, hours is { } kept ? Retention.OfHours(kept) : Retention.Forever);

    public static ExportHeader Header(params Bucket[] buckets) =>
        new("an-id", DateTimeOffset.UnixEpoch, [.. buckets.Select(bucket => bucket.Name)], ExportHeader.AllTimes);

    /// <summary>Numbers of one device, a second apart, each long enough for 2,000 to fill a block.</summary>
    public static IEnumerable<Measurement> Numbers(string device, int count)
    {
        var key = MeasurementKey.Create(device, "climate", KeyValuePair.Create("room", "kitchen, left"));
        return Enumerable.Range(0, count).Select(i => new Measurement(
            key, new Timestamp(i * Timestamp.NanosecondsPerSecond), [new Field("temperature", FieldValue.Of(i * 0.1)), new Field("state", FieldValue.Of($"number {i}")), new Field("text", FieldValue.Of(Long))]));
    }

    public async Task WriteAsync(params (Bucket Bucket, IReadOnlyList<Measurement> Measurements)[] buckets)
    {
        await using var writer = await Files.CreateAsync(File, Header([.. buckets.Select(one => one.Bucket)]), Cancelled);
        await GoOnAsync(writer, buckets);
    }

    /// <summary>Writes what the file lacks, as whoever continues it.</summary>
    public static async Task GoOnAsync(IExportWriter writer, params (Bucket Bucket, IReadOnlyList<Measurement> Measurements)[] buckets)
    {
        foreach (var (bucket, measurements) in buckets.Where(one => !writer.Ended.Contains(one.Bucket.Name)))
        {
            if (writer.Begun is null)
                await writer.BeginBucketAsync(bucket, Cancelled);
            var last = writer.Last;
            var done = last is null ? 0 : measurements.Index().Single(one => one.Item.Key == last.Key && one.Item.Timestamp == last.Timestamp).Index + 1;
            await writer.WriteAsync([.. measurements.Skip(done)], Cancelled);
            await writer.EndBucketAsync(Cancelled);
        }

        await writer.CompleteAsync(Cancelled);
    }

    /// <summary>All that the file holds; fails as reading does.</summary>
    public async Task<IReadOnlyList<(Bucket Bucket, IReadOnlyList<Measurement> Measurements)>> ReadAsync()
    {
        await using var reader = await Files.OpenAsync(File, Cancelled);
        var buckets = new List<(Bucket, IReadOnlyList<Measurement>)>();
        var measurements = new List<Measurement>();
        while (await reader.ReadAsync(Cancelled) is { } part)
        {
            switch (part)
            {
                case BucketBegins begins:
                    buckets.Add((begins.Bucket, measurements = []));
                    break;
                case SomeMeasurements some:
                    using (some.Batch)
                        measurements.AddRange(some.Batch.Read());
                    Assert.Equal(measurements.Count, some.Through.Measurements);
                    break;
                case BucketEnds ends:
                    Assert.Equal((measurements.Count, measurements.Sum(one => one.Fields.Count)), (ends.Tally.Measurements, ends.Tally.Values));
                    break;
            }
        }

        Assert.Equal(reader.Length, reader.Offset);
        return buckets;
    }

    /// <summary>Reads all of the file, for the sake of what reading finds wrong with it.</summary>
    public async Task CheckAsync()
    {
        await using var reader = await Files.OpenAsync(File, Cancelled);
        while (await reader.ReadAsync(Cancelled) is { } part)
            (part as SomeMeasurements)?.Batch.Dispose();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
