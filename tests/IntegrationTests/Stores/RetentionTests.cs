using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class RetentionTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly long Now = Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;

    private static readonly Measurement Recent = Some.Number("d", Now - (5 * 60 * Some.Second), 1);
    private static readonly Measurement Old = Some.Number("d", Now - (3 * Some.Hour), 2);

    /// <summary>Older than the largest group of time that a store may have to drop at once.</summary>
    private static readonly Measurement Ancient = Some.Number("e", Now - (30 * Some.Day), 3);

    [Fact]
    public async Task Everything_is_kept_for_ever_unless_told_otherwise()
    {
        var written = new[] { Some.Number("d", Fixture.Earliest), Ancient, Old, Recent };
        await Bucket.WriteAsync(written);
        await Store.RestartAsync();

        await Bucket.AssertHoldsAsync(written);
    }

    [Fact]
    public async Task What_is_older_than_the_retention_goes_by_itself_and_does_not_come_back()
    {
        await Bucket.WriteAsync(Ancient, Old, Recent);

        await KeepAsync(Retention.OfHours(1));

        await Eventually.TrueAsync(async () => (await Bucket.ReadAsync()).Count == 1, "what is too old is gone");
        await KeepAsync(Retention.Forever);
        await Bucket.AssertHoldsAsync(Recent);
        await Store.RestartAsync();
        await Bucket.AssertHoldsAsync(Recent);
        Assert.Equal([Recent.Key], (await Bucket.LatestAsync()).Select(item => item.Key));
    }

    [Fact]
    public async Task What_is_not_older_than_the_retention_stays()
    {
        await Bucket.WriteAsync(Ancient, Old, Recent);

        await KeepAsync(Retention.OfHours(4));
        await Eventually.TrueAsync(async () => (await Bucket.ReadAsync()).Count == 2, "what is too old is gone");

        await Bucket.AssertHoldsAsync(Old, Recent);
        await KeepAsync(Retention.OfHours(24 * 365));
        await Bucket.AssertHoldsAsync(Old, Recent);
    }

    [Fact]
    public async Task Bucket_with_a_retention_takes_and_gives_what_is_recent()
    {
        var bucket = await Fixture.NewBucketAsync(Retention.OfHours(1));

        // Not the time at which all tests began: that may be long ago.
        var now = Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;
        var written = Enumerable.Range(0, 50).Select(i => Some.Number("d", now - (i * 60 * Some.Second), i)).ToList();
        await bucket.WriteAsync(written);

        await bucket.AssertHoldsAsync(written);
        await Store.RestartAsync();
        await bucket.AssertHoldsAsync(written);
    }

    [Fact]
    public async Task Retention_of_one_bucket_is_not_that_of_another()
    {
        var other = await Fixture.NewBucketAsync();
        await Bucket.WriteAsync(Ancient, Recent);
        await other.WriteAsync(Ancient, Recent);

        await KeepAsync(Retention.OfHours(1));
        await Eventually.TrueAsync(async () => (await Bucket.ReadAsync()).Count == 1, "what is too old is gone");

        await other.AssertHoldsAsync(Ancient, Recent);
    }

    private async Task KeepAsync(Retention retention) =>
        (await Buckets.SaveAsync(new Bucket(Bucket.Name, string.Empty, retention), BucketCondition.Exists, Cancelled)).MustSucceed();
}
