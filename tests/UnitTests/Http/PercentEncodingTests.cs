using CsCheck;
using IotBackend.Api.Http;
using Xunit;

namespace IotBackend.UnitTests.Http;

public sealed class PercentEncodingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a/b", "a/b")]
    [InlineData("a%2Fb%2fc", "a/b/c")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a+b%20c", "a+b c")]
    [InlineData("%C3%BC%F0%9F%98%80", "ü\ud83d\ude00")]
    public void Escapes_are_decoded_once(string encoded, string decoded) => Assert.Equal(decoded, PercentEncoding.TryDecode(encoded));

    [Theory]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    [InlineData("%+1")]
    [InlineData("%C3")]
    [InlineData("%C0%AF")]
    [InlineData("%ED%A0%80")]
    [InlineData("ü")]
    public void What_encodes_nothing_is_refused(string encoded) => Assert.Null(PercentEncoding.TryDecode(encoded));

    [Fact]
    public void Every_text_comes_back() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(
        text => Assert.Equal(text, PercentEncoding.TryDecode(Uri.EscapeDataString(text))));
}
