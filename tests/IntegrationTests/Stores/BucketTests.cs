using System.Text;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;
using BucketRules = IotBackend.Domain.Buckets.Bucket;

namespace IotBackend.IntegrationTests.Stores;

public abstract class BucketTests(StoreFixture fixture) : StoreTests(fixture)
{
    private const string Nowhere = "nowhere";

    /// <summary>Names that are valid, and that a database which makes files or queries of them may stumble over.</summary>
    public static TheoryData<string> Names => [
        "a b", "a/b", "/", ".", "..", "...", "../x", "a:b", "100%", "%2F", "%2e%2e", "CON", "select", "databases", "ü", "e\u0301", "日本", "\U00010400", "-", "1",
        "Case", "case", "autogen", "default.autogen", "a.b",
    ];

    public static TheoryData<BucketConditionKind, bool, bool> Conditions => new()
    {
        { BucketConditionKind.None, true, true },
        { BucketConditionKind.None, false, true },
        { BucketConditionKind.Exists, true, true },
        { BucketConditionKind.Exists, false, false },
        { BucketConditionKind.IsNew, true, false },
        { BucketConditionKind.IsNew, false, true },
        { BucketConditionKind.IsAsExpected, true, true },
        { BucketConditionKind.IsAsExpected, false, false },
    };

    [Fact]
    public async Task Bucket_default_is_always_there_and_can_not_be_deleted()
    {
        Assert.Equal(BucketRules.Default, (await Buckets.FindAsync(BucketName.Default, Cancelled)).MustSucceed());
        Assert.Contains(BucketRules.Default, (await Buckets.ListAsync(Cancelled)).MustSucceed());

        (await Buckets.DeleteAsync(BucketName.Default, BucketCondition.None, Cancelled)).MustFail(ErrorCodes.Conflict);

        Assert.Equal(BucketRules.Default, (await Buckets.FindAsync(BucketName.Default, Cancelled)).MustSucceed());
    }

    [Fact]
    public async Task New_bucket_is_found_and_listed_with_its_rules_after_a_restart_as_well()
    {
        var bucket = new BucketRules(Name("described"), "For \"all\" of it's \\ data,\nline 2\t😀", Retention.OfHours(48));

        var saved = (await Buckets.SaveAsync(bucket, BucketCondition.None, Cancelled)).MustSucceed();

        Assert.Equal(new BucketChange(bucket, IsNew: true), saved);
        await AssertThereAsync(bucket);
        await Store.RestartAsync();
        await AssertThereAsync(bucket);
    }

    [Fact]
    public async Task Rules_change_and_measurements_stay()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 10, Now(), step: 1));
        foreach (var (description, retention) in new[] { ("one", Retention.OfHours(1)), ("", Retention.OfHours(Retention.MaxHours)), ("three", Retention.Forever) })
        {
            var changed = new BucketRules(Bucket.Name, description, retention);

            Assert.Equal(new BucketChange(changed, IsNew: false), (await Buckets.SaveAsync(changed, BucketCondition.None, Cancelled)).MustSucceed());

            await AssertThereAsync(changed);
            Assert.Equal(10, await Bucket.CountAsync());
        }
    }

    [Fact]
    public async Task Description_of_the_greatest_length_is_kept()
    {
        foreach (var letter in new[] { "a", "\"", "\\", "\U0001F600" })
        {
            var bucket = new BucketRules(Bucket.Name, string.Concat(Enumerable.Repeat(letter, BucketRules.MaxDescriptionLength)), Retention.Forever);
            (await Buckets.SaveAsync(bucket, BucketCondition.None, Cancelled)).MustSucceed();
            await Store.RestartAsync();
            await AssertThereAsync(bucket);
        }
    }

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task Bucket_is_saved_only_when_the_condition_holds(BucketConditionKind kind, bool exists, bool holds)
    {
        var before = new BucketRules(exists ? Bucket.Name : Name($"condition-{kind}"), string.Empty, Retention.Forever);
        var changed = before with { Retention = Retention.OfHours(3) };

        var saved = await Buckets.SaveAsync(changed, new BucketCondition(kind, before), Cancelled);

        if (holds)
            Assert.Equal(new BucketChange(changed, IsNew: !exists), saved.MustSucceed());
        else
            saved.MustFail(ErrorCodes.PreconditionFailed);
        var found = await Buckets.FindAsync(before.Name, Cancelled);
        Assert.Equal(holds ? changed : exists ? before : null, found.IsSuccess ? found.Value : null);
    }

    [Fact]
    public async Task Bucket_that_is_no_longer_as_expected_is_neither_changed_nor_deleted()
    {
        var seen = new BucketRules(Bucket.Name, string.Empty, Retention.Forever);
        var now = seen with { Retention = Retention.OfHours(2) };
        (await Buckets.SaveAsync(now, BucketCondition.IsStill(seen), Cancelled)).MustSucceed();

        (await Buckets.SaveAsync(seen with { Retention = Retention.OfHours(3) }, BucketCondition.IsStill(seen), Cancelled)).MustFail(ErrorCodes.PreconditionFailed);
        (await Buckets.DeleteAsync(Bucket.Name, BucketCondition.IsStill(seen), Cancelled)).MustFail(ErrorCodes.PreconditionFailed);

        await AssertThereAsync(now);
        Assert.Equal(now, (await Buckets.DeleteAsync(Bucket.Name, BucketCondition.IsStill(now), Cancelled)).MustSucceed());
    }

    [Fact]
    public async Task Deletion_that_could_not_happen_anyway_says_why_and_not_that_a_condition_does_not_hold()
    {
        foreach (var condition in new[] { BucketCondition.None, BucketCondition.Exists, BucketCondition.IsStill(new BucketRules(Name(Nowhere), "", Retention.Forever)) })
            (await Buckets.DeleteAsync(Name(Nowhere), condition, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Buckets.DeleteAsync(BucketName.Default, BucketCondition.IsNew, Cancelled)).MustFail(ErrorCodes.Conflict);
    }

    [Fact]
    public async Task Buckets_are_listed_in_the_order_of_the_bytes_of_their_names()
    {
        string[] names = ["order-\U00010400", "order-\uFB00", "order-a", "order-A", "order-", "order- b", "order-é", "order/"];
        foreach (var name in names)
            await SaveAsync(name);

        var listed = (await Buckets.ListAsync(Cancelled)).MustSucceed().Select(bucket => bucket.Name.Value).ToList();

        Assert.Equal(listed.OrderBy(name => Convert.ToHexString(Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal), listed);
        Assert.Equal(names.Length, listed.Count(name => name.StartsWith("order", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Name_is_a_name(string name)
    {
        var bucket = await SaveAsync(name);
        var key = Some.Key("d", "m", ("bucket", name));
        await bucket.WriteAsync(key.At(Some.Noon, ("v", name)));

        Assert.Contains((await Buckets.ListAsync(Cancelled)).MustSucceed(), one => one.Name.Value == name);
        await Store.RestartAsync();
        await bucket.AssertHoldsAsync(key.At(Some.Noon, ("v", name)));
        Assert.Single(await bucket.LatestAsync());
        (await Buckets.DeleteAsync(bucket.Name, BucketCondition.None, Cancelled)).MustSucceed();
        await AssertUnknownAsync(bucket.Name);
    }

    [Fact]
    public async Task Buckets_hold_what_was_written_into_them()
    {
        var other = await Fixture.NewBucketAsync();
        await Bucket.WriteAsync(Some.Number("d", Some.Noon, 1));
        await other.WriteAsync(Some.Number("d", Some.Noon, 2), Some.Number("e", Some.Noon, 3));

        await Bucket.AssertHoldsAsync(Some.Number("d", Some.Noon, 1));
        Assert.Equal(2, await other.DeleteAsync());
        await Bucket.AssertHoldsAsync(Some.Number("d", Some.Noon, 1));
    }

    [Fact]
    public async Task Deleted_bucket_is_gone_with_all_that_it_held_and_a_new_one_of_its_name_is_empty()
    {
        var bucket = new BucketRules(Name("deleted"), string.Empty, Retention.OfHours(100_000));
        var test = new TestBucket(Store, bucket.Name);
        (await Buckets.SaveAsync(bucket, BucketCondition.IsNew, Cancelled)).MustSucceed();
        await test.WriteAsync(Some.Key("d", "m", ("t", "v")).At(Some.Noon, ("a", 1)), Some.Key("d", "m").At(Some.Noon - 1, ("a", 2)));

        Assert.Equal(bucket, (await Buckets.DeleteAsync(bucket.Name, BucketCondition.Exists, Cancelled)).MustSucceed());

        await AssertUnknownAsync(bucket.Name);
        await Store.RestartAsync();
        await AssertUnknownAsync(bucket.Name);
        await SaveAsync("deleted");
        Assert.Empty(await test.ReadAsync());
        Assert.Empty(await test.LatestAsync());
        Assert.Equal(0, await test.CountAsync());
        await test.WriteAsync(Some.Key("d", "m").At(2, ("a", "a text now")));
        await test.AssertHoldsAsync(Some.Key("d", "m").At(2, ("a", "a text now")));
    }

    [Fact]
    public Task Unknown_bucket_is_told_whatever_is_asked_of_it() => AssertUnknownAsync(Name(Nowhere));

    [Fact]
    public async Task Measures_what_a_bucket_holds()
    {
        Assert.True((await MeasureAsync()).Measurements is null or 0);
        await Bucket.WriteAsync(Enumerable.Range(0, 300).Select(i => Some.Key($"d-{i % 3}").At(Some.Noon + i, ("a", i), ("b", "text"))));

        var usage = await MeasureAsync();

        Assert.True(usage.Measurements is null or 300, $"{usage.Measurements} measurements.");
        Assert.True(usage.Bytes is null or > 0, $"{usage.Bytes} bytes.");
        await Bucket.DeleteAsync(Bucket.Of("d-0"));
        Assert.True((await MeasureAsync()).Measurements is null or 200);
    }

    [Fact]
    public async Task Of_many_who_create_a_bucket_at_once_one_does()
    {
        var bucket = new BucketRules(Name("raced"), string.Empty, Retention.Forever);

        var saved = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            await Buckets.SaveAsync(bucket with { Retention = Retention.OfHours(i + 1) }, BucketCondition.IsNew, Cancelled)));

        var winner = Assert.Single(saved, result => result.IsSuccess);
        Assert.All(saved.Where(result => !result.IsSuccess), result => result.MustFail(ErrorCodes.PreconditionFailed));
        await AssertThereAsync(winner.Value.Bucket);
    }

    [Fact]
    public async Task Writers_are_told_when_their_bucket_goes_and_nothing_of_theirs_is_in_the_next()
    {
        for (var round = 0; round < 5; round++)
        {
            var bucket = await SaveAsync($"going-{round}");
            var writing = Enumerable.Range(0, 8).Select(i => WriteUntilGoneAsync(bucket.Name, i)).ToList();
            await Task.WhenAny(writing.Append(Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancelled)));

            (await Buckets.DeleteAsync(bucket.Name, BucketCondition.None, Cancelled)).MustSucceed();

            await Task.WhenAll(writing);
            Assert.Empty(await (await SaveAsync($"going-{round}")).ReadAsync());
        }
    }

    private static BucketName Name(string name) => BucketName.TryParse(name, out _)!;

    private static long Now() => Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;

    private async Task<TestBucket> SaveAsync(string name)
    {
        (await Buckets.SaveAsync(new BucketRules(Name(name), string.Empty, Retention.Forever), BucketCondition.IsNew, Cancelled)).MustSucceed();
        return new TestBucket(Store, Name(name));
    }

    private async Task<BucketUsage> MeasureAsync() => (await Buckets.MeasureAsync(Bucket.Name, Cancelled)).MustSucceed();

    private async Task AssertThereAsync(BucketRules bucket)
    {
        Assert.Equal(bucket, (await Buckets.FindAsync(bucket.Name, Cancelled)).MustSucceed());
        Assert.Contains(bucket, (await Buckets.ListAsync(Cancelled)).MustSucceed());
    }

    private async Task AssertUnknownAsync(BucketName name)
    {
        var filter = new MeasurementFilter(name, [], [], [], [], DeviceSet.All);
        var selection = new MeasurementSelection(filter, new TimeRange(Timestamp.MinValue, Timestamp.MaxValue));
        using var batch = TestBucket.BatchOf([Some.Number("d", 1)]);
        (await Measurements.WriteAsync(name, batch, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Measurements.ReadAsync(new(selection, SortOrder.Ascending, 1, null), Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Measurements.ReadLatestAsync(new(filter, Timestamp.MinValue, 1, null), Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Measurements.DeleteAsync(selection, dryRun: true, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Measurements.DeleteAsync(selection, dryRun: false, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Buckets.FindAsync(name, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Buckets.MeasureAsync(name, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        (await Buckets.DeleteAsync(name, BucketCondition.None, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        Assert.DoesNotContain((await Buckets.ListAsync(Cancelled)).MustSucceed(), bucket => bucket.Name == name);
    }

    private async Task WriteUntilGoneAsync(BucketName name, int writer)
    {
        for (var i = 0; i < 10_000; i++)
        {
            using var batch = TestBucket.BatchOf([Some.Number($"d-{writer}", Some.Noon + i)]);
            var written = await Measurements.WriteAsync(name, batch, Cancelled);
            if (!written.IsSuccess)
            {
                written.MustFail(ErrorCodes.BucketNotFound);
                return;
            }
        }

        Assert.Fail("The bucket never went.");
    }
}
