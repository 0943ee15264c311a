using CsCheck;
using IotBackend.Api.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace IotBackend.UnitTests.Http;

public sealed class IdempotencyKeyTests
{
    private static readonly Gen<string> Visible = Gen.Char['!', '~'].Array[1, 255].Select(characters => new string(characters));

    [Theory]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("a", "a")]
    [InlineData("q1w2+/==", "q1w2+/==")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("\"a,b;c\"", "a,b;c")]
    public void Key_is_read_with_quotes_and_without(string header, string key) => Assert.Equal(key, IdempotencyKey.TryRead(header));

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"")]
    [InlineData("\"a")]
    [InlineData("a\"")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\";p=1")]
    [InlineData("\"a\\")]
    [InlineData("\"a\\b\"")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a;b")]
    [InlineData("a\\b")]
    [InlineData("\"a b\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("schlüssel")]
    [InlineData("\"schlüssel\"")]
    [InlineData(" a")]
    public void What_is_not_one_key_is_refused(string header) => Assert.Null(IdempotencyKey.TryRead(header));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(5000, false)]
    public void Key_has_at_most_255_characters(int length, bool isTaken)
    {
        var key = new string('k', length);
        Assert.Equal(isTaken ? key : null, IdempotencyKey.TryRead(key));
        Assert.Equal(isTaken ? key : null, IdempotencyKey.TryRead($"\"{key}\""));
    }

    [Fact]
    public void Two_headers_are_refused() => Assert.Null(IdempotencyKey.TryRead(new StringValues(["a", "b"])));

    [Fact]
    public void Every_key_is_read_as_it_was_quoted() => Visible.Sample(key =>
        IdempotencyKey.TryRead('"' + key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"') == key);
}
