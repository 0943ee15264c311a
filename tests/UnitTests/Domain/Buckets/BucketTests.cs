using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Buckets;

public sealed class BucketTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("\ud83d\ude00")]
    public void Description_has_at_most_1000_characters_however_many_bytes_they_take(string character)
    {
        Assert.Null(Bucket.CheckDescription(string.Concat(Enumerable.Repeat(character, 1_000))));
        var fault = Bucket.CheckDescription(string.Concat(Enumerable.Repeat(character, 1_001)));
        Assert.Equal(("description", ErrorCodes.TextTooLong), (fault?.Field, fault?.Code));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("two\r\nlines\tand a tab", true)]
    [InlineData("nul \0", false)]
    [InlineData("bell \a", false)]
    [InlineData("next line \u0085", false)]
    [InlineData("delete \u007f", false)]
    public void Description_holds_of_controls_line_breaks_and_tabs_only(string text, bool isTaken) =>
        Assert.Equal(isTaken ? null : ErrorCodes.InvalidText, Bucket.CheckDescription(text)?.Code);

    [Fact]
    public void Default_bucket_keeps_for_ever() => Assert.True(Bucket.Default is { Name.Value: "default", Description: "", Retention.IsForever: true });
}
