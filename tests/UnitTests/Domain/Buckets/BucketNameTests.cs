using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Domain.Buckets;

public sealed class BucketNameTests
{
    [Fact]
    public void A_bucket_is_named_by_an_identifier()
    {
        var name = BucketName.TryParse("plant 1", out var wrong);

        Assert.Null(wrong);
        Assert.Equal("plant 1", name?.ToString());
        Assert.Equal(BucketName.TryParse("plant 1", out _), name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_monitoring")]
    [InlineData("a*")]
    [InlineData("a\ud800")]
    public void Other_texts_name_no_bucket_and_the_reason_is_told(string text)
    {
        Assert.Null(BucketName.TryParse(text, out var wrong));
        Assert.NotNull(wrong);
    }

    [Fact]
    public void The_default_bucket_can_be_named() => Assert.Equal(BucketName.Default, BucketName.TryParse("default", out _));
}
