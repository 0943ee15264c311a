using IotBackend.Application.Buckets;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Buckets;

public sealed class BucketAccessTests
{
    private static readonly Caller OfSomeDevices = TestBuckets.Caller() with { Devices = new DeviceSet([DevicePattern.Parse("greenhouse-*")]) };

    private static IRequiresAccess[] Requests(BucketName? name) => [new ReadBucket(name), .. Changes(name)];

    private static IRequiresAccess[] Changes(BucketName? name) =>
        [new SaveBucket(name, string.Empty, Retention.Forever, Precondition.None), new DeleteBucket(name, null, Precondition.None)];

    [Fact]
    public void All_take_the_scope_admin() => Assert.All(Requests(null), request => Assert.Equal(Scopes.Admin, request.RequiredScope));

    [Fact]
    public void Key_with_buckets_sees_and_changes_these_only()
    {
        var caller = TestBuckets.Caller("mine", "also");
        Assert.All(Requests(TestBuckets.Name("mine")), request => Assert.Null(request.AuthorizeObjects(caller)));
        Assert.All(Requests(TestBuckets.Name("theirs")), request => Assert.Equal(ErrorCodes.BucketNotAllowed, request.AuthorizeObjects(caller)?.Code));
    }

    [Fact]
    public void Key_without_buckets_sees_and_changes_all() =>
        Assert.All(Requests(TestBuckets.Name("any")), request => Assert.Null(request.AuthorizeObjects(TestBuckets.Caller())));

    [Fact]
    public void Key_of_some_devices_looks_at_buckets_and_changes_none()
    {
        Assert.Null(new ReadBucket(TestBuckets.Name("any")).AuthorizeObjects(OfSomeDevices));
        Assert.All(Changes(TestBuckets.Name("any")), request => Assert.Equal(ErrorCodes.DeviceNotAllowed, request.AuthorizeObjects(OfSomeDevices)?.Code));
    }

    [Fact]
    public void Name_that_could_not_be_read_is_left_to_validation() =>
        Assert.All(Requests(null), request => Assert.Null(request.AuthorizeObjects(TestBuckets.Caller("mine", "also"))));
}
