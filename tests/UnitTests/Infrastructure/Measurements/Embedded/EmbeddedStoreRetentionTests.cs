using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>What is older than the retention is never read, leaves the disk in the background, and does not come back.</summary>
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
    public async Task In_the_background_old_chunks_are_deleted_and_the_file_gets_smaller()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 2);
        await FillAsync(bucket, devices: 400, points: 700);
        await FillAsync(BucketName.Default, devices: 5, points: 700);
        _store.Flush();
        var (chunks, pages) = (CountChunks(), CountPages());

        _time.Advance(TimeSpan.FromHours(1.5));
        await _store.WriteAsync("fresh", Now, 1, bucket);
        _time.Advance(TimeSpan.FromHours(1));

        await TestStore.EventuallyAsync(() => CountChunks() < chunks / 20, "The old chunks stay.");
        await TestStore.EventuallyAsync(() => CountPages() < pages / 4, "The file stays as large as it was.");
        var bytes = new FileInfo(Path.Combine(_store.Folder, ChunkFile.FileName)).Length;
        await TestStore.EventuallyAsync(() => new FileInfo(Path.Combine(_store.Folder, ChunkFile.FileName)).Length <= bytes, "The file grows.");
        Assert.Equal("fresh", Assert.Single((await _store.ReadAsync(TestStore.In(bucket))).Items).Key.Device);
        Assert.Equal(3500, (await _store.ReadAsync()).Items.Count);
    }

    [Fact]
    public async Task A_chunk_stays_until_its_last_point_is_too_old()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteAsync("d", Now - Hour + 100, 1, bucket);
        await _store.WriteAsync("d", Now, 2, bucket);
        _store.Flush();

        _time.Advance(TimeSpan.FromHours(1));
        _store.Sweep();
        Assert.Equal(1, CountChunks());
        Assert.Equal([(Now - Hour, 2.0)], await _store.PointsAsync("d", bucket: bucket));

        _time.Advance(TimeSpan.FromTicks(1));
        _store.Sweep();
        Assert.Equal(0, CountChunks());
    }

    [Fact]
    public async Task A_start_removes_what_became_too_old_meanwhile()
    {
        await FillAsync(await _store.SaveBucketAsync("hour", hours: 1), devices: 3, points: 600);
        _store.Close();
        Assert.Equal(9, CountChunks());
        _time.Advance(TimeSpan.FromHours(3));

        _store.Open();

        await TestStore.EventuallyAsync(() => CountChunks() == 0, "The old chunks stay.");
    }

    [Fact]
    public async Task A_retention_made_shorter_is_enforced_at_once()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 10);
        await FillAsync(bucket, devices: 3, points: 600);
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
        await FillAsync(bucket, devices: 1, points: 300);
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

    [Fact]
    public async Task A_late_chunk_is_found_by_the_next_sweep()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteAsync("d", Now, 1, bucket);
        _store.Flush();
        _store.Sweep();
        await FillAsync(bucket, devices: 1, points: 600, device: "d", start: Now - (2 * Hour));
        _store.Flush();
        Assert.Equal(4, CountChunks());

        _store.Sweep();

        Assert.Equal(1, CountChunks());
        Assert.Equal([(Now, 1.0)], await _store.PointsAsync("d", bucket: bucket));
    }

    [Fact]
    public async Task A_sweep_that_fails_is_done_by_the_next()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 10);
        await FillAsync(bucket, devices: 3, points: 300);
        _store.Flush();
        _time.Advance(TimeSpan.FromHours(4));
        _store.Store.Chunks.RefuseWrites(true);
        await _store.SaveBucketAsync("hours", hours: 1);
        Assert.ThrowsAny<Exception>(() => _store.Sweep());
        Assert.Equal(6, CountChunks());
        _store.Store.Chunks.RefuseWrites(false);

        _store.Sweep();

        Assert.Equal(0, CountChunks());
    }

    [Fact]
    public async Task On_a_full_disk_what_is_too_old_makes_room_for_what_is_new()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 10);
        await FillAsync(bucket, devices: 300, points: 600);
        _store.Flush();
        _time.Advance(TimeSpan.FromHours(4));
        _store.Store.Chunks.LimitGrowth(0);
        await FillAsync(BucketName.Default, devices: 100, points: 600);
        Assert.False(_store.Store.Flush());

        await _store.SaveBucketAsync("hours", hours: 1);
        _store.Sweep();

        _store.Flush();
        Assert.Equal(10_000, (await _store.ReadAsync()).Items.Count);
    }

    [Fact]
    public async Task What_was_set_aside_as_damaged_goes_when_it_is_too_old()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await FillAsync(bucket, devices: 1, points: 10);
        _store.Flush();
        _store.Store.Chunks.Write(() => _store.Store.Chunks.SetAsideBefore(_store.Store.Catalog.FindSeries(1)!, long.MaxValue));
        _store.Sweep();
        Assert.Equal(1, _store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));

        _time.Advance(TimeSpan.FromHours(2));
        _store.Sweep();

        Assert.Equal(0, _store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));
    }

    public void Dispose() => _store.Dispose();

    // A point a second, the last one now unless a start is given.
    private Task FillAsync(BucketName bucket, int devices, int points, string? device = null, long? start = null)
    {
        var first = start ?? Now - ((points - 1) * TestStore.Second);
        return _store.WriteAsync(
            writer =>
            {
                for (var i = 0; i < devices; i++)
                {
                    for (var point = 0; point < points; point++)
                        writer.Measure(device ?? $"d-{i}", first + (point * TestStore.Second), Math.Sqrt(point));
                }
            },
            bucket);
    }

    private long CountChunks() => _store.Query(ChunkFile.FileName, "SELECT count(*) FROM chunk");

    private long CountPages() => _store.Query(ChunkFile.FileName, "PRAGMA page_count");
}
