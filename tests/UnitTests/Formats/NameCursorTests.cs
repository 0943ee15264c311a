using IotBackend.Api.Formats;
using IotBackend.UnitTests.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class NameCursorTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a/b c%2F:ü温度")]
    public void Cursor_tells_the_name_that_it_was_made_of(string name) =>
        Assert.Equal(TestBuckets.Name(name), NameCursor.TryDecode(NameCursor.Encode(TestBuckets.Name(name))));

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAAA")]
    [InlineData("not base64!")]
    [InlineData("_w")]
    [InlineData("X2E")]
    public void What_is_no_cursor_is_refused(string text) => Assert.Null(NameCursor.TryDecode(text));
}
