using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Domain.Access;

public sealed class CallerTests
{
    private static readonly BucketName One = BucketName.TryParse("one", out _)!;
    private static readonly BucketName Two = BucketName.TryParse("two", out _)!;

    [Fact]
    public void The_default_bucket_is_the_only_one_of_the_key_else_the_common_default()
    {
        Assert.Equal(BucketName.Default, CallerWith([]).DefaultBucket);
        Assert.Equal(One, CallerWith([One]).DefaultBucket);
        Assert.Equal(BucketName.Default, CallerWith([One, Two]).DefaultBucket);
    }

    [Fact]
    public void A_key_without_buckets_may_use_all_and_one_with_buckets_only_those()
    {
        Assert.True(CallerWith([]).MayUse(One));
        Assert.True(CallerWith([One]).MayUse(One));
        Assert.False(CallerWith([One]).MayUse(Two));
        Assert.False(CallerWith([One, Two]).MayUse(BucketName.Default));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    public void A_key_with_networks_is_used_only_from_them(string address, bool isAllowed) =>
        Assert.Equal(isAllowed, CallerFrom("10.0.0.0/8", "2001:db8::/32").MayCallFrom(IPAddress.Parse(address)));

    [Fact]
    public void An_unknown_address_is_in_no_network()
    {
        Assert.False(CallerFrom("10.0.0.0/8").MayCallFrom(null));
        Assert.True(CallerFrom().MayCallFrom(null));
    }

    private static Caller CallerWith(IReadOnlyList<BucketName> buckets) =>
        new("id", "name", Scopes.None, "standard", buckets, DeviceSet.All, []);

    private static Caller CallerFrom(params string[] networks) =>
        new("id", "name", Scopes.None, "standard", [], DeviceSet.All, [.. networks.Select(IPNetwork.Parse)]);
}
