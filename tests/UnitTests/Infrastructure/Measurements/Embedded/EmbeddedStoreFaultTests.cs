using System.Text;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>Disks that are full, and files that are damaged, while the store runs.</summary>
public sealed class EmbeddedStoreFaultTests
{
    private const long Unlimited = 1_000_000;

    [Fact]
    public async Task A_full_disk_refuses_writes_loses_nothing_and_needs_no_restart()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Store.Inbox.LimitGrowth(0);

        var refused = await store.TryWriteAsync(Large);

        Assert.Equal((ErrorKind.Unavailable, ErrorCodes.StorageUnavailable), (refused.Error!.Kind, refused.Error.Code));
        Assert.NotNull(refused.Error.RetryAfter);
        Assert.True(store.Store.IsFailing);
        Assert.Equal([(1, 1.0)], await store.PointsAsync("d"));
        Assert.Single((await store.LatestAsync()).Items);

        store.Store.Inbox.LimitGrowth(Unlimited);
        await store.WriteAsync(Large);
        Assert.False(store.Store.IsFailing);
        store.Kill();
        Assert.Equal(5001, (await store.ReadAsync()).Items.Count);
    }

    [Fact]
    public async Task What_a_refused_write_would_have_registered_is_forgotten()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Store.Inbox.LimitGrowth(0);
        var key = MeasurementKey.Create("large-1", "telemetry");
        Assert.NotNull((await store.TryWriteAsync(Large)).Error);
        store.Store.Inbox.LimitGrowth(Unlimited);

        // The same field under the same name, now of another type.
        await store.WriteAsync(writer => writer.Measure(key, 1, ("load", FieldValue.Of("heavy"))));
        store.Restart();

        var item = Assert.Single((await store.ReadAsync(TestStore.Of("large-1"))).Items);
        Assert.Equal(FieldValue.Of("heavy"), Assert.Single(item.Fields).Value);
        Assert.Equal(2, store.Store.SeriesCount);
    }

    [Fact]
    public async Task A_flush_that_fails_keeps_everything_and_succeeds_later()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Store.Chunks.LimitGrowth(0);
        await store.WriteAsync(Large);

        Assert.False(store.Store.Flush());

        Assert.True(store.Store.IsUnderPressure);
        Assert.Equal(5001, (await store.ReadAsync()).Items.Count);
        await store.WriteAsync("d", 2, 2);
        await store.DeleteAsync(TestStore.Of("d"), 1, 2);
        using (var crashed = store.Crashed())
            Assert.Equal(5001, (await crashed.ReadAsync()).Items.Count);

        store.Store.Chunks.LimitGrowth(Unlimited);
        store.Flush();
        Assert.False(store.Store.IsUnderPressure);
        Assert.Equal([(2, 2.0)], await store.PointsAsync("d"));
        store.Restart();
        Assert.Equal(5001, (await store.ReadAsync()).Items.Count);
    }

    [Fact]
    public async Task Writers_are_refused_as_overloaded_when_memory_stays_full_and_admitted_when_it_is_free()
    {
        using var store = new TestStore(new EmbeddedStoreOptions { MemtableBytes = 1 << 20, MaxWaitSeconds = 0.1 });
        store.Store.Chunks.LimitGrowth(0);
        Error? error = null;
        for (var i = 0; error is null && i < 100; i++)
            error = (await store.TryWriteAsync(writer => Many(writer, i * 10_000))).Error;

        Assert.Equal((ErrorKind.Unavailable, ErrorCodes.Overloaded), (error!.Kind, error.Code));
        Assert.NotNull(error.RetryAfter);

        store.Store.Chunks.LimitGrowth(Unlimited);
        store.Flush();
        await store.WriteAsync("d", 1, 1);
    }

    [Fact]
    public async Task Flushes_that_fail_are_not_repeated_with_every_commit()
    {
        var log = new ErrorCounter();
        var folder = Directory.CreateTempSubdirectory("iot-store-").FullName;
        using (var store = new EmbeddedStore(folder, new EmbeddedStoreOptions { MemtableBytes = 1 << 20 }, TimeProvider.System, log))
        {
            store.Chunks.LimitGrowth(0);
            for (var i = 0; i < 60; i++)
            {
                // Just beyond the budget, where each commit asks for a flush, and below twice of it, where writers wait.
                using var batch = TestStore.Batch(writer => Enumerable.Range(0, i == 0 ? 40_000 : 10).ToList().ForEach(at => writer.Measure("many", at, Math.Sqrt(at + i))));
                Assert.Null((await store.WriteAsync(BucketName.Default, batch, CancellationToken.None)).Error);
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            Assert.InRange(log.Errors, 1, 3);
            store.Chunks.LimitGrowth(Unlimited);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_flushed_or_deleted_gives_its_room_back()
    {
        using var store = new TestStore();
        for (var i = 0; i < 30; i++)
            await store.WriteAsync(writer => Many(writer, i * 10_000));
        store.Flush();
        await store.DeleteAsync(TestStore.Of("many"), 1000, long.MaxValue);
        store.Restart();

        var bytes = new DirectoryInfo(store.Folder).EnumerateFiles().Sum(file => file.Length);
        Assert.True(bytes < 3 << 20, $"{bytes} bytes are left for a thousand points.");
        Assert.Equal(1000, (await store.PointsAsync("many")).Length);
    }

    [Fact]
    public async Task Health_tells_a_full_disk_and_its_end_without_a_write()
    {
        var time = new FakeTimeProvider();
        using var store = new TestStore(time: time);
        var health = new EmbeddedStoreHealth(store.Store, TimeProvider.System);
        var before = await health.CheckAsync(CancellationToken.None);
        Assert.Equal(HealthStatus.Healthy, before.Status);
        Assert.True(before.LatencyMs > 0);

        store.Store.Inbox.LimitGrowth(0);
        Assert.NotNull((await store.TryWriteAsync(Large)).Error);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckAsync(CancellationToken.None)).Status);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HealthStatus.Healthy, (await health.CheckAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Health_looks_at_the_disk_itself()
    {
        using var store = new TestStore();
        var health = new EmbeddedStoreHealth(store.Store, TimeProvider.System);
        store.Store.Inbox.RefuseWrites(true);

        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Health_is_degraded_while_flushes_fail()
    {
        using var store = new TestStore();
        var health = new EmbeddedStoreHealth(store.Store, TimeProvider.System);
        store.Store.Chunks.LimitGrowth(0);
        await store.WriteAsync(Large);
        Assert.False(store.Store.Flush());

        Assert.Equal(HealthStatus.Degraded, (await health.CheckAsync(CancellationToken.None)).Status);

        store.Store.Chunks.LimitGrowth(Unlimited);
        store.Flush();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_damaged_chunk_is_never_read_as_wrong_values_and_harms_no_other()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < 200; i++)
            {
                writer.Measure("good", i, i / 10.0);
                writer.Measure(MeasurementKey.Create("bad", "telemetry"), i, ("state", FieldValue.Of("the state of the matter " + i)));
            }
        });
        store.Close();
        Damage(Path.Combine(store.Folder, ChunkFile.FileName), "the state of the matter 77");
        store.Open();

        var read = await store.Store.ReadAsync(
            new(new(TestStore.Of("bad"), new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)), default, 10_000, null), CancellationToken.None);

        Assert.Equal((ErrorKind.Unavailable, ErrorCodes.StorageUnavailable), (read.Error!.Kind, read.Error.Code));
        Assert.Equal(200, (await store.PointsAsync("good")).Length);
    }

    [Fact]
    public async Task An_unknown_bucket_is_not_found()
    {
        using var store = new TestStore();
        using var batch = TestStore.Batch(writer => writer.Measure("d", 1, 1));
        var unknown = BucketName.TryParse("other", out _)!;
        var filter = TestStore.Everything with { Bucket = unknown };
        var range = new TimeRange(Timestamp.MinValue, Timestamp.MaxValue);

        Error?[] errors =
        [
            (await store.Store.WriteAsync(unknown, batch, CancellationToken.None)).Error,
            (await store.Store.ReadAsync(new(new(filter, range), default, 10, null), CancellationToken.None)).Error,
            (await store.Store.ReadLatestAsync(new(filter, Timestamp.MinValue, 10, null), CancellationToken.None)).Error,
            (await store.Store.DeleteAsync(new(filter, range), false, CancellationToken.None)).Error,
        ];

        Assert.All(errors, error => Assert.Equal((ErrorKind.NotFound, ErrorCodes.BucketNotFound), (error!.Kind, error.Code)));
    }

    private static void Large(MeasurementBatchWriter writer)
    {
        for (var i = 0; i < 5000; i++)
            writer.Measure(MeasurementKey.Create($"large-{i % 50}", "telemetry"), i, ("load", FieldValue.Of(Math.Sqrt(i))));
    }

    private static void Many(MeasurementBatchWriter writer, long start)
    {
        for (var i = 0; i < 10_000; i++)
            writer.Measure("many", start + i, i);
    }

    private sealed class ErrorCounter : ILogger<EmbeddedStore>
    {
        private int _errors;

        public int Errors => _errors;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
                Interlocked.Increment(ref _errors);
        }
    }

    private static void Damage(string path, string text)
    {
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0, "The text must be found to be damaged.");
        bytes[at] ^= 0x20;
        File.WriteAllBytes(path, bytes);
    }
}
