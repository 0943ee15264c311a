using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>What is older than the retention leaves the disk in the background.</summary>
public sealed class SweeperTests : IDisposable
{
    private const long Hour = 3_600 * TestStore.Second;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly TestStore _store;

    public SweeperTests() => _store = new TestStore(time: _time);

    private long Now => Timestamp.From(_time.GetUtcNow()).Nanoseconds;

    [Fact]
    public async Task In_the_background_old_chunks_are_deleted_and_the_file_gets_smaller()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 2);
        await _store.WriteSecondsAsync(bucket, devices: 400, points: 700, Now);
        await _store.WriteSecondsAsync(BucketName.Default, devices: 5, points: 700, Now);
        _store.Flush();
        var (chunks, bytes) = (CountChunks(), FileLength());

        _time.Advance(TimeSpan.FromHours(1.5));
        await _store.WriteAsync("fresh", Now, 1, bucket);
        _time.Advance(TimeSpan.FromHours(1));

        await TestStore.EventuallyAsync(() => CountChunks() < chunks / 20, "The old chunks stay.");
        await TestStore.EventuallyAsync(() => FileLength() < bytes / 3, $"The file stays as large as it was: {bytes} bytes.");
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
        await _store.WriteSecondsAsync(await _store.SaveBucketAsync("hour", hours: 1), devices: 3, points: 600, Now);
        _store.Close();
        Assert.Equal(9, CountChunks());
        _time.Advance(TimeSpan.FromHours(3));

        _store.Open();

        await TestStore.EventuallyAsync(() => CountChunks() == 0, "The old chunks stay.");
    }

    [Fact]
    public async Task A_late_chunk_is_found_by_the_next_sweep()
    {
        var bucket = await _store.SaveBucketAsync("hour", hours: 1);
        await _store.WriteAsync("d-0", Now, 1, bucket);
        _store.Flush();
        _store.Sweep();
        await _store.WriteSecondsAsync(bucket, devices: 1, points: 600, Now - (2 * Hour));
        _store.Flush();
        Assert.Equal(4, CountChunks());

        _store.Sweep();

        Assert.Equal(1, CountChunks());
        Assert.Equal([(Now, 1.0)], await _store.PointsAsync("d-0", bucket: bucket));
    }

    [Fact]
    public async Task A_sweep_that_fails_is_done_by_the_next()
    {
        var bucket = await _store.SaveBucketAsync("hours", hours: 10);
        await _store.WriteSecondsAsync(bucket, devices: 3, points: 300, Now);
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
        await _store.WriteSecondsAsync(bucket, devices: 300, points: 600, Now);
        _store.Flush();
        _time.Advance(TimeSpan.FromHours(4));
        _store.Store.Chunks.LimitGrowth(0);
        await _store.WriteSecondsAsync(BucketName.Default, devices: 100, points: 600, Now);
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
        await _store.WriteSecondsAsync(bucket, devices: 1, points: 10, Now);
        _store.Flush();
        _store.Store.Chunks.Write(() => _store.Store.Chunks.SetAsideBefore(_store.Store.Catalog.FindSeries(1)!, long.MaxValue));
        _store.Sweep();
        Assert.Equal(1, _store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));

        _time.Advance(TimeSpan.FromHours(2));
        _store.Sweep();

        Assert.Equal(0, _store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));
    }

    public void Dispose() => _store.Dispose();

    private long CountChunks() => _store.Query(ChunkFile.FileName, "SELECT count(*) FROM chunk");

    private long FileLength() => new FileInfo(Path.Combine(_store.Folder, ChunkFile.FileName)).Length;
}
