using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
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

        return new TestStore(_options, copy);
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

    public void Close()
    {
        _store?.Dispose();
        _store = null;
    }

    public void Open() => _store = new EmbeddedStore(Folder, _options, _time, NullLogger<EmbeddedStore>.Instance);

    public async Task<Result<WriteOutcome>> TryWriteAsync(Action<MeasurementBatchWriter> write)
    {
        using var batch = Batch(write);
        return await Store.WriteAsync(BucketName.Default, batch, CancellationToken.None);
    }

    public async Task WriteAsync(Action<MeasurementBatchWriter> write) =>
        Assert.Null((await TryWriteAsync(write)).Error);

    /// <summary>One number under the default name.</summary>
    public Task WriteAsync(string device, long time, double value) => WriteAsync(writer => writer.Measure(device, time, value));

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
    public async Task<(long Time, double Value)[]> PointsAsync(string device, SortOrder order = SortOrder.Ascending) =>
        [.. (await ReadAsync(Of(device), order)).Items.Select(item => (item.Timestamp.Nanoseconds, Assert.Single(item.Fields).Value.Number))];

    public async Task<LatestPage> LatestAsync(MeasurementFilter? filter = null, int limit = 10_000, MeasurementKey? after = null) =>
        Success(await Store.ReadLatestAsync(new LatestQuery(filter ?? Everything, Timestamp.MinValue, limit, after), CancellationToken.None));

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
