using System.Text;
using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("greenhouse-12")]
    [InlineData("7")]
    [InlineData("-")]
    [InlineData("a_b-c.d:e/f%g h")]
    [InlineData("a_")]
    [InlineData("café")]
    [InlineData("cafe\u0301")]
    [InlineData("Gewächshaus Süd")]
    [InlineData("温室")]
    [InlineData("теплица-1")]
    [InlineData("हिन्दी")]
    [InlineData("الحرارة")]
    [InlineData("٣")]
    [InlineData("ǅ")]
    [InlineData("ʰ")]
    [InlineData("\U00010400")]
    public void Letters_with_marks_digits_and_the_listed_signs_are_accepted(string text) => Assert.Null(Check(text));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("_a", "reserved")]
    [InlineData("_", "reserved")]
    [InlineData(" a", "space")]
    [InlineData("a ", "space")]
    [InlineData(" ", "space")]
    [InlineData("ä ", "space")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\tb", "U+0009")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u007fb", "U+007F")]
    [InlineData("a*", "U+002A")]
    [InlineData("a,b", "U+002C")]
    [InlineData("a=b", "U+003D")]
    [InlineData("a\"b", "U+0022")]
    [InlineData("a\\b", "U+005C")]
    [InlineData("a?b", "U+003F")]
    [InlineData("a#b", "U+0023")]
    [InlineData("a\u00a0b", "U+00A0")]
    [InlineData("a\u200bb", "U+200B")]
    [InlineData("a\u202eb", "U+202E")]
    [InlineData("a\u2028b", "U+2028")]
    [InlineData("½", "U+00BD")]
    [InlineData("Ⅷ", "U+2167")]
    [InlineData("°C", "U+00B0")]
    [InlineData("€", "U+20AC")]
    [InlineData("\uFFFD", "U+FFFD")]
    [InlineData("🌡", "U+1F321")]
    [InlineData("plant🌱", "U+1F331")]
    [InlineData("\ue000", "U+E000")]
    public void Anything_else_is_refused_with_its_reason(string text, string reason) =>
        Assert.Contains(reason, Check(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a")]
    [InlineData("ä")]
    [InlineData("温")]
    [InlineData("\U00010400")]
    public void Length_is_counted_in_code_points_and_limited_to_128(string codePoint)
    {
        Assert.Null(Check(Repeat(codePoint, Identifier.MaxLength)));
        Assert.Equal("is longer than 128 characters", Check(Repeat(codePoint, Identifier.MaxLength + 1)));
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { (byte)'a', 0x80 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'b' })]
    public void Bytes_that_are_not_unicode_are_refused(byte[] bytes)
    {
        Assert.Equal("is not valid Unicode", Identifier.Check(bytes));
        Assert.Equal("is not valid Unicode", Identifier.CheckTagValue(bytes));
        Assert.Equal(-1, Identifier.CountCodePoints(bytes));
    }

    [Fact]
    public void Ascii_follows_the_rule_alone_as_among_other_letters() => Gen.Char['\0', '\x7f'].Array[0, 12].Sample(characters =>
    {
        var text = new string(characters);
        var expected = text.Length > 0 && text[0] is not ('_' or ' ') && text[^1] != ' '
            && text.All(c => char.IsAsciiLetterOrDigit(c) || "_-.:/% ".Contains(c, StringComparison.Ordinal));
        Assert.Equal(expected, Check(text) is null);
        if (text.Length > 0 && text[0] != '_' && text[0] != ' ')
            Assert.Equal(Check(text + "x") is null, Check(text + "é") is null);
    });

    [Theory]
    [InlineData("berlin")]
    [InlineData(" padded ")]
    [InlineData("_x")]
    [InlineData("21 °C, ½ 🌡 = \"warm\" \\ *")]
    [InlineData("\u2028")]
    public void A_tag_value_may_hold_all_but_control_characters(string text) => Assert.Null(CheckTagValue(text));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a\0", "U+0000")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u007f", "U+007F")]
    [InlineData("a\u0085", "U+0085")]
    [InlineData("ä\t", "U+0009")]
    public void A_tag_value_with_a_control_character_or_none_is_refused(string text, string reason) =>
        Assert.Contains(reason, CheckTagValue(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a")]
    [InlineData("ä")]
    [InlineData("🌡")]
    public void A_tag_value_is_limited_to_256_code_points(string codePoint)
    {
        Assert.Null(CheckTagValue(Repeat(codePoint, Identifier.MaxTagValueLength)));
        Assert.Equal("is longer than 256 characters", CheckTagValue(Repeat(codePoint, Identifier.MaxTagValueLength + 1)));
    }

    [Fact]
    public void Code_points_are_counted_as_runes() => Gen.String.Sample(text =>
    {
        var runes = text.EnumerateRunes().ToArray();
        Assert.Equal(runes.Length, Identifier.CountCodePoints(Encoding.UTF8.GetBytes(string.Concat(runes))));
    });

    private static string? Check(string text) => Identifier.Check(Encoding.UTF8.GetBytes(text));

    private static string? CheckTagValue(string text) => Identifier.CheckTagValue(Encoding.UTF8.GetBytes(text));

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
