using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>How much a bucket holds, and how exactly that is told.</summary>
public sealed class UsageReaderTests
{
    [Fact]
    public async Task An_empty_bucket_holds_nothing()
    {
        using var store = new TestStore();

        Assert.Equal(new BucketUsage(0, 0), await store.MeasureAsync());
    }

    [Fact]
    public async Task Measurements_are_counted_in_memory_and_on_disk_each_once()
    {
        using var store = new TestStore();
        await WriteAsync(store, 0, 700);
        Assert.Equal(2 * 700, (await store.MeasureAsync()).Measurements);
        store.Flush();
        Assert.Equal(2 * 700, (await store.MeasureAsync()).Measurements);
        await WriteAsync(store, 700, 50);
        Assert.Equal(2 * 750, (await store.MeasureAsync()).Measurements);
        store.Kill();
        Assert.Equal(2 * 750, (await store.MeasureAsync()).Measurements);
    }

    [Fact]
    public async Task Bytes_are_those_of_the_packed_points()
    {
        using var store = new TestStore();
        await WriteAsync(store, 0, 10_000);
        var unflushed = await store.MeasureAsync();
        store.Flush();

        var flushed = await store.MeasureAsync();

        Assert.Equal(store.Query(ChunkFile.FileName, "SELECT sum(length(data)) FROM chunk"), flushed.Bytes);
        Assert.InRange(flushed.Bytes!.Value, 1_000, 100_000);
        Assert.InRange(unflushed.Bytes!.Value, 16 * 20_000, 64 * 20_000);
    }

    [Fact]
    public async Task The_field_with_the_most_points_counts()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < 10; i++)
            {
                var y = ("y", FieldValue.Of(1.0));
                writer.Measure(MeasurementKey.Create("d", "telemetry"), i, i % 3 == 0 ? [("x", FieldValue.Of(1.0)), y] : [y]);
            }
        });

        Assert.Equal(10, (await store.MeasureAsync()).Measurements);
    }

    [Fact]
    public async Task A_value_written_again_counts_twice_only_until_it_is_flushed()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        await store.WriteAsync("d", 2, 1);
        await store.WriteAsync("d", 1, 2);
        Assert.Equal(2, (await store.MeasureAsync()).Measurements);
        store.Flush();
        await store.WriteAsync("d", 1, 3);
        Assert.Equal(3, (await store.MeasureAsync()).Measurements);
        store.Flush();
        Assert.Equal(2, (await store.MeasureAsync()).Measurements);
    }

    [Fact]
    public async Task What_was_deleted_counts_no_more_once_it_is_flushed()
    {
        using var store = new TestStore();
        await WriteAsync(store, 0, 700);
        store.Flush();
        await store.DeleteAsync(TestStore.Of("a"), 100 * TestStore.Second, 650 * TestStore.Second);
        store.Flush();

        Assert.Equal((2 * 700) - 550, (await store.MeasureAsync()).Measurements);
    }

    [Fact]
    public async Task What_is_too_old_does_not_count_but_for_the_rest_of_a_chunk()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(3600));

        // Flushed when the test says so, and not because time goes on.
        using var store = new TestStore(new EmbeddedStoreOptions { FlushSeconds = 3600 }, time: time);
        await store.SaveBucketAsync("default", hours: 1);
        await WriteAsync(store, 0, 700);
        time.Advance(TimeSpan.FromSeconds(600));

        Assert.Equal(2 * 100, (await store.MeasureAsync()).Measurements);
        store.Flush();

        // 100 seconds are kept; the chunk in which they begin has up to 256 points.
        Assert.InRange((await store.MeasureAsync()).Measurements!.Value, 2 * 100, 2 * (100 + 255));
    }

    [Fact]
    public async Task Other_buckets_do_not_count()
    {
        using var store = new TestStore();
        var other = await store.SaveBucketAsync("other");
        await WriteAsync(store, 0, 10);
        await store.WriteAsync("d", 1, 1, other);

        Assert.Equal(1, (await store.MeasureAsync(other)).Measurements);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_can_not_be_measured()
    {
        using var store = new TestStore();

        var measured = await store.Store.Buckets.MeasureAsync(TestStore.Named("unknown"), CancellationToken.None);

        Assert.Equal(ErrorCodes.BucketNotFound, measured.Error!.Code);
    }

    [Fact]
    public async Task Counting_ends_when_nobody_waits_for_it()
    {
        using var store = new TestStore();
        await WriteAsync(store, 0, 10);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await store.Store.Buckets.MeasureAsync(BucketName.Default, cancelled.Token));
    }

    private static Task WriteAsync(TestStore store, int from, int count) => store.WriteAsync(writer =>
    {
        for (var i = from; i < from + count; i++)
        {
            writer.Measure("a", i * TestStore.Second, i / 10.0);
            writer.Measure("b", i * TestStore.Second, i / 10.0);
        }
    });
}
