using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>A store in a folder of its own, which goes when the test ends.</summary>
internal sealed class TestStore : IDisposable
{
    public const long Second = Timestamp.NanosecondsPerSecond;

    private readonly EmbeddedStoreOptions _options;
    private readonly TimeProvider _time;
    private EmbeddedStore? _store;

    public TestStore(EmbeddedStoreOptions? options = null, string? folder = null, TimeProvider? time = null)
    {
        _options = options ?? new EmbeddedStoreOptions();
        _time = time ?? TimeProvider.System;
        Folder = folder ?? Directory.CreateTempSubdirectory("iot-store-").FullName;
        Open();
    }

    public string Folder { get; }

    public EmbeddedStore Store => _store ?? throw new InvalidOperationException("The store is closed.");

    public static MeasurementFilter Everything { get; } = new(BucketName.Default, [], [], [], [], DeviceSet.All);

    public static MeasurementFilter Of(params string[] devices) => Everything with { Devices = devices };

    public static MeasurementFilter In(BucketName? bucket, params string[] devices) =>
        Everything with { Bucket = bucket ?? BucketName.Default, Devices = devices };

    public static BucketName Named(string name) => BucketName.TryParse(name, out var wrong) ?? throw new FormatException(wrong);

    /// <summary>The folder as a crash at this moment would leave it, opened as a store of its own.</summary>
    public TestStore Crashed()
    {
        var copy = Directory.CreateTempSubdirectory("iot-store-").FullName;
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            if (Path.GetFileName(file) == "lock")
                continue;
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var to = File.Create(Path.Combine(copy, Path.GetFileName(file)));
            from.CopyTo(to);
        }

        return new TestStore(_options, copy, _time);
    }

    /// <summary>An orderly stop and a start.</summary>
    public void Restart()
    {
        Store.Dispose();
        Open();
    }

    /// <summary>A stop without a flush and a start, which replays the inbox.</summary>
    public void Kill()
    {
        Store.Abandon();
        Open();
    }

    /// <summary>The only number that a statement on one of the files gives; also while the store is open.</summary>
    public long Query(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Each text is a constant of a test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() as long? ?? 0;
    }

    public void Close()
    {
        _store?.Dispose();
        _store = null;
    }

    public void Open() => _store = new EmbeddedStore(Folder, _options, _time, NullLogger<EmbeddedStore>.Instance);

    public async Task<Result<WriteOutcome>> TryWriteAsync(Action<MeasurementBatchWriter> write, BucketName? bucket = null)
    {
        using var batch = Batch(write);
        return await Store.WriteAsync(bucket ?? BucketName.Default, batch, CancellationToken.None);
    }

    public async Task WriteAsync(Action<MeasurementBatchWriter> write, BucketName? bucket = null) =>
        Assert.Null((await TryWriteAsync(write, bucket)).Error);

    /// <summary>One number under the default name.</summary>
    public Task WriteAsync(string device, long time, double value, BucketName? bucket = null) =>
        WriteAsync(writer => writer.Measure(device, time, value), bucket);

    /// <summary>A number a second from so many devices, the last one at the time that is given.</summary>
    public Task WriteSecondsAsync(BucketName bucket, int devices, int points, long last) => WriteAsync(
        writer =>
        {
            for (var device = 0; device < devices; device++)
            {
                for (var point = 0; point < points; point++)
                    writer.Measure($"d-{device}", last - ((points - 1 - point) * Second), Math.Sqrt(point));
            }
        },
        bucket);

    public void Flush() => Assert.True(Store.Flush());

    public async Task<MeasurementPage> ReadAsync(
        MeasurementFilter? filter = null,
        SortOrder order = SortOrder.Ascending,
        int limit = 10_000,
        MeasurementPosition? after = null,
        long from = long.MinValue,
        long to = long.MaxValue)
    {
        var selection = new MeasurementSelection(filter ?? Everything, new TimeRange(new Timestamp(from), new Timestamp(to)));
        return Success(await Store.ReadAsync(new MeasurementQuery(selection, order, limit, after), CancellationToken.None));
    }

    /// <summary>Times and values of a device that has one field of numbers.</summary>
    public async Task<(long Time, double Value)[]> PointsAsync(string device, SortOrder order = SortOrder.Ascending, BucketName? bucket = null) =>
    [
        .. (await ReadAsync(In(bucket, device), order)).Items
            .Select(item => (item.Timestamp.Nanoseconds, Assert.Single(item.Fields).Value.Number)),
    ];

    public async Task<LatestPage> LatestAsync(
        MeasurementFilter? filter = null, int limit = 10_000, MeasurementKey? after = null, long oldest = long.MinValue) =>
        Success(await Store.ReadLatestAsync(new LatestQuery(filter ?? Everything, new Timestamp(oldest), limit, after), CancellationToken.None));

    /// <summary>Creates or changes a bucket; without hours it keeps for ever.</summary>
    public async Task<BucketName> SaveBucketAsync(string name, int? hours = null, string description = "")
    {
        var bucket = new Bucket(Named(name), description, hours is { } some ? Retention.OfHours(some) : Retention.Forever);
        Success(await Store.Buckets.SaveAsync(bucket, BucketCondition.None, CancellationToken.None));
        return bucket.Name;
    }

    public async Task DeleteBucketAsync(BucketName name) =>
        Success(await Store.Buckets.DeleteAsync(name, BucketCondition.None, CancellationToken.None));

    public async Task<BucketUsage> MeasureAsync(BucketName? bucket = null) =>
        Success(await Store.Buckets.MeasureAsync(bucket ?? BucketName.Default, CancellationToken.None));

    /// <summary>A whole pass of the sweeper, now; what it asks of the committer comes later.</summary>
    public int Sweep() => Store.Sweeper.Pass().Sum();

    /// <summary>Sweeps and waits until nothing is left of deleted buckets.</summary>
    public async Task SweepAllAsync()
    {
        Sweep();
        await EventuallyAsync(() => !Store.Catalog.DeletedBuckets.Any(), "Something is left of a deleted bucket.");
    }

    public static async Task EventuallyAsync(Func<bool> isSo, string otherwise)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 3000, otherwise);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async Task<long> DeleteAsync(MeasurementFilter filter, long from, long to, bool dryRun = false)
    {
        var selection = new MeasurementSelection(filter, new TimeRange(new Timestamp(from), new Timestamp(to)));
        return Success(await Store.DeleteAsync(selection, dryRun, CancellationToken.None));
    }

    public void Dispose()
    {
        Close();
        Directory.Delete(Folder, recursive: true);
    }

    public static MeasurementBatch Batch(Action<MeasurementBatchWriter> write)
    {
        var batch = new MeasurementBatch(new Timestamp(0));
        write(new MeasurementBatchWriter(batch));
        return batch;
    }

    private static T Success<T>(Result<T> result)
    {
        Assert.Null(result.Error);
        return result.Value;
    }
}
