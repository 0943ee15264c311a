using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Caching;

public sealed class AnswerKeyMemoTests
{
    private const string Json = "application/json";
    private static readonly BucketName Other = BucketName.TryParse("other", out _)!;

    private readonly AnswerKeyMemo _memo = new();

    [Fact]
    public void Key_is_made_once_for_callers_who_see_the_same() =>
        Assert.Same(_memo.KeyOf("/a", Json, BucketName.Default, DeviceSet.All), _memo.KeyOf("/a", Json, BucketName.Default, DeviceSet.All));

    [Fact]
    public void Whoever_sees_something_else_never_gets_the_key_of_another()
    {
        var devices = new DeviceSet([DevicePattern.Parse("a")]);
        (string Text, string MediaType, BucketName Bucket, DeviceSet Visible)[] asked =
        [
            ("/a", Json, BucketName.Default, DeviceSet.All), ("/a", Json, Other, DeviceSet.All), ("/a", Json, Other, devices),
            ("/a", "text/csv", Other, devices), ("/b", "text/csv", Other, devices), ("/a", Json, BucketName.Default, DeviceSet.All),
        ];
        foreach (var (text, mediaType, bucket, visible) in asked)
            Assert.Equal(AnswerDeclaration.KeyOf(text, mediaType, bucket, visible), _memo.KeyOf(text, mediaType, bucket, visible));
    }
}
