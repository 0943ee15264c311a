using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class ValueTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly string[] TagValues =
    [
        "a", "a\\", "a\\\\", "\\", "\\\\", "\\a", "a\\b", "a\\ b", "a\\,b", "a\\=b", "a,b", ",", "a=b", "=", "a b", " ", "  ", " a", "a ", " a ", "\"", "\"a\"", "a\"", "'", "''",
        "\\'", "\\\"", "a\\ ", "a,", ",a", "a=", "=a", "a\\,", "\\,", "\\=", "\\ ", "#", "# a", "/", "/.*/", ".*", "(a|b)", "$a", "$1", "{", "}", "[]", "%", "%20", "?", "*", "<a>", "&amp;", ";", "--",
        "ü", "e\u0301", "é", "日本", "\U0001F600", "\U0001F600\\", "\u00A0", "\u2028", "\uFEFF", "\uFFFD", "null", "true", "1", "1i", "\\n", "\\t", "a|b", "`", "~", "A",
    ];

    public static TheoryData<string> Texts => [
        "", " ", "  ", "a", " a", "a ", "\"", "\"\"", "'", "\\", "\\\\", "\\\"", "\"\\", "a\\", "a\\\\", "\\n", "\n", "\n\n", "\r", "\r\n", "a\nb", "a\n", "\na", "a\nm,device=x v=1 1",
        "\t", "\0", "a\0b", "\0\0", "\u0001", "\u001B[31m", "\u007F", "\u0085", "\u2028", "\u2029", "\uFEFF", "\uFEFFa", "\uFFFD", "\uFFFF", "\uE000", "\u202Eabc", "e\u0301",
        "\U0001F600", "\U0010FFFF", ",", "=", "a=1,b=2 3", "#", "{}", "[1]", "null", "true", "t", "1", "1i", "1e400", "NaN", "<script>", "%s", "$1", "' OR 1=1 --", "日本語のテキスト",
    ];

    public static TheoryData<double> Numbers => [
        0.0, -0.0, 1, -1, 0.1, -0.1, 0.2, 0.30000000000000004, 1.0 / 3, 2.0 / 3, 123456.789, 1e-5, 1e-7, 1e15, 1e16, 1e21, 1e22, 1e23, -1e21, 1e100, 1e-100, 1e308, 1e-308,
        double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 2.2250738585072014E-308, 2.225073858507201E-308, 1.7976931348623155E+308,
        9007199254740991, 9007199254740992, 9007199254740994, -9007199254740994, 9223372036854775807.0, 18446744073709551616.0, 100, 1000000,
        21.4, 4.35, 0.000001, 1234567890123456.7, 3.141592653589793, 2.718281828459045, 5e-320,
    ];

    [Fact]
    public async Task Tag_values_are_kept_to_the_letter_and_apart()
    {
        var written = TagValues.Select((value, i) => Some.Key("d", "m", [("t", value), ("u", "after")]).At(Some.Noon, ("v", i))).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        foreach (var (i, value) in TagValues.Index())
            Show.Equal([written[i]], await Bucket.ReadAsync(Bucket.All with { Tags = [new("t", value)] }));
        Assert.Equal(written.Select(item => item.Key).Order(), (await Bucket.LatestAsync(limit: 10)).Select(item => item.Key));
    }

    [Fact]
    public async Task Tag_values_are_kept_when_they_are_the_last_of_the_key_and_deleted_one_by_one()
    {
        var written = TagValues.Select((value, i) => Some.Key("d", "m", [("t", value)]).At(Some.Noon + i, ("v", i))).ToList();
        await Bucket.WriteAsync(written);
        await Bucket.AssertHoldsAsync(written);

        foreach (var value in TagValues)
            Assert.Equal(1, await Bucket.DeleteAsync(Bucket.All with { Tags = [new("t", value)] }));

        Assert.Empty(await Bucket.ReadAsync());
    }

    [Fact]
    public async Task Tag_value_of_the_greatest_length_is_kept()
    {
        foreach (var letter in new[] { "a", "\\", " ", ",", "\U0001F600" })
        {
            var value = string.Concat(Enumerable.Repeat(letter, Identifier.MaxTagValueLength));
            var written = Some.Key("d", "m", ("t", value)).At(Some.Noon, ("v", 1));
            await Bucket.WriteAsync(written);
            Show.Equal([written], await Bucket.ReadAsync(Bucket.All with { Tags = [new("t", value)] }));
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_is_kept_to_the_letter(string text)
    {
        var written = new[]
        {
            Some.Key("d").At(1, ("a", text)),
            Some.Key("d").At(2, ("a", text), ("b", "after"), ("c", text)),
            Some.Key("d").At(3, ("a", text + text)),
        };
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Assert.Equal(text + text, Assert.Single(await Bucket.LatestAsync()).Fields[0].Value.Text);
    }

    [Fact]
    public async Task Text_of_the_greatest_length_is_kept()
    {
        string[] letters = ["a", "\\", "\"", "\n", "\0", "ü", "\U0001F600"];
        var written = letters.Select((letter, i) => Some.Key("d").At(i, ("a", string.Concat(Enumerable.Repeat(letter, Identifier.MaxTextLength))))).ToList();

        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task Number_is_kept_to_the_bit(double number)
    {
        var written = Some.Key("d").At(Some.Noon, ("v", number));
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Assert.Equal(FieldValue.Of(number).Bits, Assert.Single(await Bucket.LatestAsync()).Fields[0].Value.Bits);
    }

    [Fact]
    public async Task Whole_numbers_and_fractions_are_of_one_type()
    {
        var written = new[] { 1, 1.5, 2, -3, 1e20, 0.1 }.Select((value, i) => Some.Number("d", i, value)).ToList();

        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
    }

    [Fact]
    public async Task Measurement_of_all_types_is_kept()
    {
        var written = Some.Key("d").At(Some.Noon, ("number", 21.5), ("yes", true), ("no", false), ("text", "t"), ("empty", ""));

        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
    }
}
