using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>What is older than the retention is never read, whatever is still there of it, and does not come back.</summary>
public sealed class EmbeddedStoreRetentionTests : IDisposable
{
    private const long Hour = 3_600 * TestStore.Second;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly TestStore _store;

    public EmbeddedStoreRetentionTests() => _store = new TestStore(time: _time);

    private long Now => Timestamp.From(_time.GetUtcNow()).Nanoseconds;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_oldest_time_is_kept_and_a_nanosecond_before_it_is_not(bool isFlushed)
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteAsync("d", Now - Hour, 1, bucket);
        await _store.WriteAsync("d", Now - Hour - 1, 2, bucket);
        await _store.WriteAsync("older", Now - Hour - 1, 3, bucket);
        if (isFlushed)
            _store.Flush();

        Assert.Equal([(Now - Hour, 1.0)], await _store.PointsAsync("d", bucket: bucket));
        Assert.Equal([(Now - Hour, 1.0)], await _store.PointsAsync("d", SortOrder.Descending, bucket));
        Assert.Empty(await _store.PointsAsync("older", bucket: bucket));
        Assert.Equal("d", Assert.Single((await _store.LatestAsync(TestStore.In(bucket))).Items).Key.Device);
        Assert.Equal(1, await _store.DeleteAsync(TestStore.In(bucket), long.MinValue, long.MaxValue, dryRun: true));
        Assert.Equal(0, await _store.DeleteAsync(TestStore.In(bucket, "older"), long.MinValue, long.MaxValue));

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty((await _store.ReadAsync(TestStore.In(bucket))).Items);
        Assert.Empty((await _store.LatestAsync(TestStore.In(bucket))).Items);
        Assert.Equal(0, await _store.DeleteAsync(TestStore.In(bucket), long.MinValue, long.MaxValue, dryRun: true));
    }

    [Fact]
    public async Task A_bucket_without_retention_keeps_the_oldest_time_there_is()
    {
        await _store.WriteAsync("d", long.MinValue, 1);
        _store.Flush();
        _store.Sweep();

        Assert.Equal([(long.MinValue, 1.0)], await _store.PointsAsync("d"));
    }

    [Fact]
    public async Task Latest_leaves_out_values_older_than_it_is_asked_for_and_keys_that_have_none_left()
    {
        await _store.WriteAsync(writer =>
        {
            var key = MeasurementKey.Create("d", "telemetry");
            writer.Measure(key, 10, ("old", FieldValue.Of(1.0)), ("new", FieldValue.Of(1.0)));
            writer.Measure(key, 20, ("new", FieldValue.Of(2.0)));
            writer.Measure("e", 19, 3);
            writer.Measure("f", 20, 4);
        });

        var page = await _store.LatestAsync(oldest: 20);

        Assert.Equal(["d", "f"], page.Items.Select(item => item.Key.Device));
        Assert.Equal("new", Assert.Single(page.Items[0].Fields).Name);
        var first = await _store.LatestAsync(limit: 1, oldest: 20);
        Assert.True(first.HasMore);
        Assert.Equal("f", Assert.Single((await _store.LatestAsync(limit: 1, after: first.Items[0].Key, oldest: 20)).Items).Key.Device);
        Assert.Equal(3, (await _store.LatestAsync(oldest: 19)).Items.Count);
        Assert.Empty((await _store.LatestAsync(oldest: 21)).Items);
    }

    [Fact]
    public async Task A_retention_made_shorter_is_enforced_at_once()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 10);
        await _store.WriteSecondsAsync(bucket, devices: 3, points: 600, Now);
        _store.Flush();
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(1800, (await _store.ReadAsync(TestStore.In(bucket))).Items.Count);

        await _store.SaveBucketAsync("hours", hours: 3);
        Assert.Equal(3, (await _store.ReadAsync(TestStore.In(bucket))).Items.Count);
        await _store.SaveBucketAsync("hours", hours: 2);

        Assert.Empty((await _store.ReadAsync(TestStore.In(bucket))).Items);
        await TestStore.EventuallyAsync(() => CountChunks() == 0, "The old chunks stay.");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_retention_made_longer_brings_nothing_back_and_takes_what_is_written_from_then_on(bool isFlushed, bool isSwept)
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 1);
        var (old, kept) = (Now, Now + (Hour / 2));
        await _store.WriteAsync("d", old, 1, bucket);
        await _store.WriteAsync("e", old, 1, bucket);
        if (isFlushed)
            _store.Flush();
        await _store.WriteAsync("d", kept, 2, bucket);
        await _store.LatestAsync(TestStore.In(bucket));
        _time.Advance(TimeSpan.FromHours(1.2));
        if (isSwept)
            _store.Sweep();

        await _store.SaveBucketAsync("hours", hours: 5);

        Assert.Equal([(kept, 2.0)], await _store.PointsAsync("d", bucket: bucket));
        Assert.Empty(await _store.PointsAsync("e", bucket: bucket));
        await _store.WriteAsync("e", old - 7, 3, bucket);
        await _store.WriteAsync("d", old, 4, bucket);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([(old, 4.0), (kept, 2.0)], await _store.PointsAsync("d", bucket: bucket));
            Assert.Equal([(old - 7, 3.0)], await _store.PointsAsync("e", bucket: bucket));
            Assert.Equal([kept, old - 7], (await _store.LatestAsync(TestStore.In(bucket))).Items.Select(item => item.Fields[0].Timestamp.Nanoseconds));
            if (i == 0)
                _store.Kill();
            else
                _store.Restart();
        }
    }

    [Fact]
    public async Task Latest_forgets_what_a_sweep_has_taken()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteAsync("d", Now, 1, bucket);
        _store.Flush();
        var series = _store.Store.Catalog.FindSeries(1)!;
        Assert.True(series.IsLatestKnown);
        var revision = series.Revision;

        _time.Advance(TimeSpan.FromHours(2));
        _store.Sweep();

        await TestStore.EventuallyAsync(() => !series.IsLatestKnown && series.Latest is null && series.Revision > revision, "It still knows the newest point.");
        await _store.WriteAsync("d", Now - (Hour / 2), 2, bucket);
        Assert.Equal(FieldValue.Of(2.0), Assert.Single(Assert.Single((await _store.LatestAsync(TestStore.In(bucket))).Items).Fields).Value);
    }

    [Fact]
    public async Task Old_points_that_wait_in_memory_and_in_the_inbox_are_not_read_whatever_becomes_of_them()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteSecondsAsync(bucket, devices: 1, points: 300, Now);
        _store.Flush();
        _time.Advance(TimeSpan.FromHours(2));
        _store.Sweep();
        await _store.WriteAsync("d-0", Now - (2 * Hour), 7, bucket);

        Assert.Empty((await _store.ReadAsync(TestStore.In(bucket))).Items);
        _store.Kill();
        Assert.Empty((await _store.ReadAsync(TestStore.In(bucket))).Items);
        _store.Flush();
        Assert.Empty((await _store.ReadAsync(TestStore.In(bucket))).Items);
        _store.Sweep();
        Assert.Equal(0, CountChunks());
    }

    public void Dispose() => _store.Dispose();

    private long CountChunks() => _store.Query(ChunkFile.FileName, "SELECT count(*) FROM chunk");
}
