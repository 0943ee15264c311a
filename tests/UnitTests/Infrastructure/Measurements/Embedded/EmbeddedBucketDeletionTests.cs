using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>A deleted bucket is gone at once and for ever, whatever of it is still on disk.</summary>
public sealed class EmbeddedBucketDeletionTests
{
    private const int Devices = 1_300;

    private static readonly BucketName Gone = TestStore.Named("gone");

    [Fact]
    public async Task A_deleted_bucket_is_not_found_by_anyone()
    {
        using var store = new TestStore();
        await FillAsync(store, 3);
        await store.DeleteBucketAsync(Gone);

        await AssertIsGoneAsync(store);
        using (var crashed = store.Crashed())
            await AssertIsGoneAsync(crashed);
        store.Kill();
        await AssertIsGoneAsync(store);
        store.Restart();
        await AssertIsGoneAsync(store);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_can_not_be_deleted()
    {
        using var store = new TestStore();

        foreach (var condition in new[] { BucketCondition.None, BucketCondition.Exists })
            Assert.Equal(ErrorCodes.BucketNotFound, (await store.Store.Buckets.DeleteAsync(Gone, condition, CancellationToken.None)).Error!.Code);
    }

    [Fact]
    public async Task A_write_that_waited_while_its_bucket_was_deleted_is_refused_and_those_beside_it_are_not()
    {
        using var store = new TestStore();
        await FillAsync(store, 1);
        using var released = new ManualResetEventSlim();
        var held = store.Store.Committer.RunAsync<bool>(() =>
        {
            released.Wait();
            return true;
        });
        var deleted = store.DeleteBucketAsync(Gone);
        var refused = store.TryWriteAsync(writer => writer.Measure("d-0000", 99, 1), Gone);
        var stored = store.TryWriteAsync(writer => writer.Measure("other", 99, 2));
        released.Set();
        await held;
        await deleted;

        Assert.Equal((ErrorKind.NotFound, ErrorCodes.BucketNotFound), ((await refused).Error!.Kind, (await refused).Error!.Code));
        Assert.Null((await stored).Error);
        store.Kill();
        Assert.Equal([(99, 2.0)], await store.PointsAsync("other"));
        await AssertIsGoneAsync(store);
    }

    [Fact]
    public async Task A_deletion_of_measurements_that_waited_while_their_bucket_was_deleted_is_refused()
    {
        using var store = new TestStore();
        await FillAsync(store, 1);
        var bucket = store.Store.Catalog.FindBucket(Gone.Value)!;
        var series = MeasurementReader.SelectSeries(bucket, TestStore.In(Gone)).ToArray();
        await store.DeleteBucketAsync(Gone);
        var sequence = store.Store.Inbox.Sequence;

        var deleted = await store.Store.Committer.DeleteAsync(bucket, series, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue));

        Assert.Equal(ErrorCodes.BucketNotFound, deleted.Error!.Code);
        Assert.Equal(sequence, store.Store.Inbox.Sequence);
    }

    [Fact]
    public async Task A_bucket_made_again_is_empty_and_its_fields_may_have_other_types()
    {
        using var store = new TestStore();
        await FillAsync(store, 3);
        await store.DeleteBucketAsync(Gone);
        await store.SaveBucketAsync("gone", hours: Retention.MaxHours);

        Assert.Empty((await store.ReadAsync(TestStore.In(Gone))).Items);
        Assert.Empty((await store.LatestAsync(TestStore.In(Gone))).Items);
        Assert.Equal(0, (await store.MeasureAsync(Gone)).Measurements);
        await store.WriteAsync(writer => writer.Measure(Key(0), 7, ("value", FieldValue.Of("a text"))), Gone);
        await AssertIsNewAsync(store);
        store.Kill();
        await AssertIsNewAsync(store);
        store.Flush();
        await store.SweepAllAsync();
        await AssertIsNewAsync(store);
        store.Restart();
        await AssertIsNewAsync(store);

        static async Task AssertIsNewAsync(TestStore store)
        {
            var item = Assert.Single((await store.ReadAsync(TestStore.In(Gone))).Items);
            Assert.Equal(FieldValue.Of("a text"), Assert.Single(item.Fields).Value);
            Assert.Equal(FieldValue.Of("a text"), Assert.Single(Assert.Single((await store.LatestAsync(TestStore.In(Gone))).Items).Fields).Value);
        }
    }

    [Fact]
    public async Task What_a_deleted_bucket_held_leaves_the_disk_and_the_files_get_smaller()
    {
        using var store = new TestStore();
        await FillAsync(store, Devices, points: 250);
        store.Flush();
        await FillAsync(store, Devices);
        var before = (Chunks: store.Query(ChunkFile.FileName, "PRAGMA page_count"), Inbox: store.Query(InboxFile.FileName, "PRAGMA page_count"));

        await store.DeleteBucketAsync(Gone);
        await store.SweepAllAsync();

        AssertNothingIsLeft(store);
        Assert.InRange(store.Query(ChunkFile.FileName, "PRAGMA page_count"), 1, before.Chunks / 2);
        await TestStore.EventuallyAsync(
            () => store.Query(InboxFile.FileName, "PRAGMA freelist_count") <= 512, "The room in the inbox is not given back.");
        Assert.Equal([(1, 1.0)], await store.PointsAsync("kept"));
        Assert.Null(store.Store.Catalog.FindSeries(2));
    }

    [Fact]
    public async Task After_a_crash_at_any_step_of_the_removal_the_rest_is_removed_and_nothing_else_is_lost()
    {
        using var store = new TestStore();
        await FillAsync(store, Devices);
        store.Flush();
        await FillAsync(store, Devices);
        await store.DeleteAsync(TestStore.In(Gone), 3, 5);
        var copies = new List<TestStore>();
        using var isMadeAgain = new ManualResetEventSlim();
        store.Store.Sweeper.TransactionWritten = () =>
        {
            isMadeAgain.Wait();
            copies.Add(store.Crashed());
        };
        store.Store.Eraser.TransactionWritten = () => copies.Add(store.Crashed());
        await store.DeleteBucketAsync(Gone);
        await store.SaveBucketAsync("gone");
        await store.WriteAsync("new", 5, 5, Gone);
        isMadeAgain.Set();
        await TestStore.EventuallyAsync(() => !store.Store.Catalog.DeletedBuckets.Any(), "Something is left of the deleted bucket.");
        await store.Store.ProbeAsync();

        Assert.True(copies.Count > 6, $"The removal must take several transactions for this test to say something; it took {copies.Count}.");
        foreach (var crashed in copies)
        {
            using (crashed)
                await AssertGoesOnAsync(crashed);
        }
    }

    [Fact]
    public async Task A_removal_that_the_disk_refuses_is_tried_again()
    {
        using var store = new TestStore();
        await FillAsync(store, 3);
        store.Flush();
        store.Store.Chunks.RefuseWrites(true);
        await store.DeleteBucketAsync(Gone);
        Assert.ThrowsAny<Exception>(() => store.Sweep());
        store.Store.Chunks.RefuseWrites(false);

        await store.SweepAllAsync();

        AssertNothingIsLeft(store);
    }

    [Fact]
    public async Task Ids_that_deleted_series_had_are_used_again_without_harm()
    {
        using var store = new TestStore();
        await FillAsync(store, 3);
        store.Flush();
        await store.DeleteBucketAsync(Gone);
        await store.SweepAllAsync();
        store.Restart();
        Assert.Equal(1, store.Store.SeriesCount);

        await store.WriteAsync(writer => writer.Measure(MeasurementKey.Create("text", "state"), 4, ("value", FieldValue.Of("text"))));
        Assert.Equal(2, store.Store.SeriesCount);
        store.Kill();
        store.Flush();
        store.Restart();

        var item = Assert.Single((await store.ReadAsync(TestStore.Of("text"))).Items);
        Assert.Equal((4, FieldValue.Of("text")), (item.Timestamp.Nanoseconds, Assert.Single(item.Fields).Value));
    }

    [Fact]
    public async Task What_was_set_aside_as_damaged_goes_with_its_bucket()
    {
        using var store = new TestStore();
        await FillAsync(store, 1);
        store.Flush();
        var series = store.Store.Catalog.FindSeries(2)!;
        store.Store.Chunks.Write(() => store.Store.Chunks.SetAsideBefore(series, long.MaxValue));
        Assert.Equal(1, store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));

        await store.DeleteBucketAsync(Gone);
        await store.SweepAllAsync();

        Assert.Equal(0, store.Query(ChunkFile.FileName, "SELECT count(*) FROM damaged"));
    }

    private static MeasurementKey Key(int device) => MeasurementKey.Create($"d-{device:0000}", "telemetry");

    // One measurement in the default bucket, which is to stay, and many of two fields in the bucket that is to go.
    private static async Task FillAsync(TestStore store, int devices, int points = 6)
    {
        await store.WriteAsync("kept", 1, 1);
        await store.SaveBucketAsync("gone");
        await store.WriteAsync(
            writer =>
            {
                for (var device = 0; device < devices; device++)
                {
                    for (var time = 0; time < points; time++)
                        writer.Measure(Key(device), time, ("value", FieldValue.Of(Math.Sqrt(time))), ("state", FieldValue.Of("ok")));
                }
            },
            Gone);
    }

    private static async Task AssertGoesOnAsync(TestStore crashed)
    {
        Assert.Equal([(5, 5.0)], await crashed.PointsAsync("new", bucket: Gone));
        Assert.Single((await crashed.ReadAsync(TestStore.In(Gone))).Items);
        Assert.Equal([(1, 1.0)], await crashed.PointsAsync("kept"));
        await crashed.WriteAsync("kept", 2, 2);
        await crashed.SweepAllAsync();
        Assert.Equal(0, crashed.Query(InboxFile.FileName, "SELECT count(*) FROM bucket WHERE deleted_after IS NOT NULL"));
        crashed.Kill();
        crashed.Restart();
        Assert.Equal([(1, 1.0), (2, 2.0)], await crashed.PointsAsync("kept"));
        Assert.Equal([(5, 5.0)], await crashed.PointsAsync("new", bucket: Gone));
        Assert.Equal(2, crashed.Query(ChunkFile.FileName, "SELECT count(DISTINCT series_id) FROM chunk"));
        Assert.Equal(2, crashed.Query(InboxFile.FileName, "SELECT count(*) FROM series"));
    }

    private static void AssertNothingIsLeft(TestStore store)
    {
        Assert.Equal(0, store.Query(ChunkFile.FileName, "SELECT count(*) FROM chunk WHERE series_id > 1"));
        foreach (var table in new[] { "bucket", "field", "origin", "series" })
            Assert.Equal(1, store.Query(InboxFile.FileName, $"SELECT count(*) FROM {table}"));
    }

    private static async Task AssertIsGoneAsync(TestStore store)
    {
        using var batch = TestStore.Batch(writer => writer.Measure("d-0000", 1, 1));
        var range = new TimeRange(Timestamp.MinValue, Timestamp.MaxValue);
        Error?[] errors =
        [
            (await store.Store.Buckets.FindAsync(Gone, CancellationToken.None)).Error,
            (await store.Store.Buckets.MeasureAsync(Gone, CancellationToken.None)).Error,
            (await store.Store.WriteAsync(Gone, batch, CancellationToken.None)).Error,
            (await store.Store.ReadAsync(new(new(TestStore.In(Gone), range), default, 10, null), CancellationToken.None)).Error,
            (await store.Store.ReadLatestAsync(new(TestStore.In(Gone), Timestamp.MinValue, 10, null), CancellationToken.None)).Error,
            (await store.Store.DeleteAsync(new(TestStore.In(Gone), range), false, CancellationToken.None)).Error,
        ];
        Assert.All(errors, error => Assert.Equal((ErrorKind.NotFound, ErrorCodes.BucketNotFound), (error?.Kind, error?.Code)));
        Assert.Equal(["default"], (await store.Store.Buckets.ListAsync(CancellationToken.None)).Value.Select(bucket => bucket.Name.Value));
    }
}
