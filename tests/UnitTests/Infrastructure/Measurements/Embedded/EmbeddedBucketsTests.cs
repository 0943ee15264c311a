using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>Making, changing and listing buckets.</summary>
public sealed class EmbeddedBucketsTests
{
    private static readonly Bucket Greenhouse = new(TestStore.Named("greenhouse"), "Tomatoes, und ein bißchen 😀", Retention.OfHours(720));

    [Fact]
    public async Task The_default_bucket_is_there_from_the_start_and_keeps_for_ever()
    {
        using var store = new TestStore();

        Assert.Equal(Bucket.Default, await FindAsync(store, BucketName.Default));
        Assert.Equal([Bucket.Default], await ListAsync(store));
    }

    [Fact]
    public async Task The_default_bucket_can_be_changed_but_not_deleted()
    {
        using var store = new TestStore();
        var changed = Bucket.Default with { Retention = Retention.OfHours(1), Description = "all of it" };

        Assert.Equal(new BucketChange(changed, IsNew: false), (await SaveAsync(store, changed)).Value);
        var deleted = await store.Store.Buckets.DeleteAsync(BucketName.Default, BucketCondition.None, CancellationToken.None);

        Assert.Equal((ErrorKind.Conflict, ErrorCodes.Conflict), (deleted.Error!.Kind, deleted.Error.Code));
        store.Restart();
        Assert.Equal(changed, await FindAsync(store, BucketName.Default));
    }

    [Fact]
    public async Task A_bucket_is_on_disk_when_it_is_told()
    {
        using var store = new TestStore();
        Assert.Equal(new BucketChange(Greenhouse, IsNew: true), (await SaveAsync(store, Greenhouse)).Value);
        using (var crashed = store.Crashed())
            Assert.Equal(Greenhouse, await FindAsync(crashed, Greenhouse.Name));

        var forever = Greenhouse with { Retention = Retention.Forever, Description = "" };
        Assert.Equal(new BucketChange(forever, IsNew: false), (await SaveAsync(store, forever)).Value);
        store.Kill();
        Assert.Equal(forever, await FindAsync(store, Greenhouse.Name));
        Assert.Equal([Bucket.Default, forever], await ListAsync(store));
    }

    [Theory]
    [InlineData(Retention.MinHours)]
    [InlineData(Retention.MaxHours)]
    public async Task Any_retention_comes_back(int hours)
    {
        using var store = new TestStore();
        await SaveAsync(store, Greenhouse with { Retention = Retention.OfHours(hours) });
        store.Restart();

        Assert.Equal(hours, (await FindAsync(store, Greenhouse.Name)).Retention.Hours);
    }

    [Fact]
    public async Task Buckets_are_listed_by_the_bytes_of_their_names()
    {
        using var store = new TestStore();

        // As UTF-16 the last two would change places.
        foreach (var name in new[] { "\U00010400", "ﬀ", "Ä", "z", "Z", "a" })
            await store.SaveBucketAsync(name);

        Assert.Equal(["Z", "a", "default", "z", "Ä", "ﬀ", "\U00010400"], (await ListAsync(store)).Select(bucket => bucket.Name.Value));
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_changes_nothing()
    {
        using var store = new TestStore();
        await SaveAsync(store, Greenhouse);
        var other = Greenhouse with { Description = "other" };
        var unknown = Greenhouse with { Name = TestStore.Named("unknown") };

        Error?[] errors =
        [
            (await SaveAsync(store, other, BucketCondition.IsNew)).Error,
            (await SaveAsync(store, other, BucketCondition.IsStill(other))).Error,
            (await SaveAsync(store, unknown, BucketCondition.Exists)).Error,
            (await SaveAsync(store, unknown, BucketCondition.IsStill(unknown))).Error,
            (await store.Store.Buckets.DeleteAsync(Greenhouse.Name, BucketCondition.IsStill(other), CancellationToken.None)).Error,
        ];

        Assert.All(errors, error => Assert.Equal(ErrorCodes.PreconditionFailed, error?.Code));
        Assert.Equal([Bucket.Default, Greenhouse], await ListAsync(store));
    }

    [Fact]
    public async Task A_condition_that_holds_lets_the_change_happen()
    {
        using var store = new TestStore();
        var changed = Greenhouse with { Description = "changed" };

        Assert.True((await SaveAsync(store, Greenhouse, BucketCondition.IsNew)).Value.IsNew);
        Assert.False((await SaveAsync(store, Greenhouse, BucketCondition.Exists)).Value.IsNew);
        Assert.Equal(changed, (await SaveAsync(store, changed, BucketCondition.IsStill(Greenhouse))).Value.Bucket);
        var deleted = await store.Store.Buckets.DeleteAsync(Greenhouse.Name, BucketCondition.IsStill(changed), CancellationToken.None);
        Assert.Equal(changed, deleted.Value);
    }

    [Fact]
    public async Task Of_many_who_change_what_they_have_seen_one_succeeds()
    {
        using var store = new TestStore();
        await SaveAsync(store, Greenhouse);

        var changes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            SaveAsync(store, Greenhouse with { Description = $"{i}" }, BucketCondition.IsStill(Greenhouse)).AsTask()));

        var winner = Assert.Single(changes, change => change.IsSuccess).Value.Bucket;
        Assert.Equal(winner, await FindAsync(store, Greenhouse.Name));
    }

    [Fact]
    public async Task Buckets_do_not_know_of_each_others_measurements_and_field_types()
    {
        using var store = new TestStore();
        var bucket = await store.SaveBucketAsync("greenhouse");
        await store.WriteAsync("d", 1, 1);
        await store.WriteAsync("d", 1, 2, bucket);
        await store.WriteAsync("d", 2, 3, bucket);
        await store.WriteAsync(writer => writer.Measure(MeasurementKey.Create("d", "state"), 1, ("on", FieldValue.Of(true))));
        await store.WriteAsync(writer => writer.Measure(MeasurementKey.Create("d", "state"), 1, ("on", FieldValue.Of("yes"))), bucket);
        store.Flush();
        store.Restart();

        Assert.Equal(1, await store.DeleteAsync(TestStore.In(bucket, "d"), 2, 3));
        Assert.Equal([FieldValue.Of(true), FieldValue.Of(1.0)], await ValuesAsync(store, BucketName.Default));
        Assert.Equal([FieldValue.Of("yes"), FieldValue.Of(2.0)], await ValuesAsync(store, bucket));
    }

    [Fact]
    public async Task A_full_disk_refuses_changes_and_leaves_what_there_was()
    {
        using var store = new TestStore();
        await SaveAsync(store, Greenhouse);
        store.Store.Inbox.RefuseWrites(true);

        Error?[] errors =
        [
            (await SaveAsync(store, Greenhouse with { Description = "other" })).Error,
            (await SaveAsync(store, Greenhouse with { Name = TestStore.Named("unknown") })).Error,
            (await store.Store.Buckets.DeleteAsync(Greenhouse.Name, BucketCondition.None, CancellationToken.None)).Error,
        ];

        Assert.All(errors, error => Assert.Equal((ErrorKind.Unavailable, ErrorCodes.StorageUnavailable), (error?.Kind, error?.Code)));
        Assert.Equal([Bucket.Default, Greenhouse], await ListAsync(store));
        store.Store.Inbox.RefuseWrites(false);
        Assert.True((await SaveAsync(store, Greenhouse with { Name = TestStore.Named("unknown") })).Value.IsNew);
        store.Restart();
        Assert.Equal(3, (await ListAsync(store)).Count);
    }

    [Fact]
    public async Task Finding_a_bucket_allocates_nothing()
    {
        using var store = new TestStore();
        var buckets = store.Store.Buckets;
        var (before, found) = (0L, 0);
        for (var i = 0; i < 2000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            found += (await buckets.FindAsync(BucketName.Default, CancellationToken.None)).IsSuccess ? 1 : 0;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(2000, found);
    }

    private static ValueTask<Result<BucketChange>> SaveAsync(TestStore store, Bucket bucket, BucketCondition? condition = null) =>
        store.Store.Buckets.SaveAsync(bucket, condition ?? BucketCondition.None, CancellationToken.None);

    private static async Task<Bucket> FindAsync(TestStore store, BucketName name) =>
        (await store.Store.Buckets.FindAsync(name, CancellationToken.None)).Value;

    private static async Task<IReadOnlyList<Bucket>> ListAsync(TestStore store) => (await store.Store.Buckets.ListAsync(CancellationToken.None)).Value;

    private static async Task<IEnumerable<FieldValue>> ValuesAsync(TestStore store, BucketName bucket) =>
        (await store.ReadAsync(TestStore.In(bucket))).Items.SelectMany(item => item.Fields).Select(field => field.Value);
}
