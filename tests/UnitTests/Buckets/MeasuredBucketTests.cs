using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Buckets;

public sealed class MeasuredBucketTests
{
    [Fact]
    public void Version_changes_with_each_rule()
    {
        Bucket[] buckets =
        [
            TestBuckets.Bucket("a"), TestBuckets.Bucket("b"), TestBuckets.Bucket("a", hours: 1), TestBuckets.Bucket("a", hours: 12),
            TestBuckets.Bucket("a", description: "1"), TestBuckets.Bucket("a", description: "\n"), TestBuckets.Bucket("a", hours: 1, description: "1"),
        ];

        Assert.Distinct(buckets.Select(MeasuredBucket.VersionOf));
    }

    [Fact]
    public void Version_is_the_same_for_the_same_rules_whatever_the_bucket_holds() => Assert.Equal(
        new MeasuredBucket(TestBuckets.Bucket("a", hours: 1, description: "d"), new BucketUsage(1, 2)).Version,
        new MeasuredBucket(TestBuckets.Bucket("a", hours: 1, description: "d"), new BucketUsage(null, 3)).Version);

    [Fact]
    public void Version_fits_between_the_quotes_of_an_ETag() =>
        Assert.Matches("^[A-Za-z0-9_-]{22}$", MeasuredBucket.VersionOf(TestBuckets.Bucket("ü x", description: "\"quoted\"")));
}
