using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsCheck;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>Base labels hold for all records that follow: what is long in them must not be looked at again for each.</summary>
public sealed class SenmlBoundTests
{
    private const int Records = 9_000;

    // A pack of this size has taken minutes when its base was resolved anew for each record; it takes milliseconds.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);

    private static readonly SenmlFormat Format = new();

    private static readonly Gen<string> Short = Gen.OneOf("""{"n":"a/b","v":1}""", """{"n":"a","v":2.5,"t":1}""", """{"n":"a","s":3}""", """{"n":"c"}""");

    private static readonly Gen<string> Long = Gen.Select(
        Gen.OneOf("bn", "bu", "bv", "bs", "bt", "n", "u", "v", "s", "t", "vs", "vd", "ut", "bver", "x", "x_"),
        Gen.OneOf(Gen.Int[250, 262], Gen.Const(1 << 20)),
        Gen.OneOf("", ",\"n\":\"a\"", ",\"v\":1"),
        (label, length, rest) => $"{{\"{label}\":{Value(label, length)}{rest}}}");

    [Theory]
    [InlineData("bn", 257, 258, "invalid_identifier")]
    [InlineData("bu", 256, 257, "invalid_tag_value")]
    [InlineData("bv", 256, 257, "number_out_of_range")]
    [InlineData("bs", 256, 257, "number_out_of_range")]
    [InlineData("bt", 256, 257, "number_out_of_range")]
    public void Base_label_at_the_limit_is_taken_and_a_longer_one_fails_the_body(string label, int most, int tooMany, string code)
    {
        Assert.Null(ParsedBatch.Of(Format, Pack(label, most)).BodyError);
        Assert.Equal($"invalid_request #1 {label} {code}", ParsedBatch.Of(Format, Pack(label, tooMany)).BodyError);
    }

    [Fact]
    public void Longest_base_name_makes_a_measurement()
    {
        var (device, field) = (new string('d', 128), new string('f', 128));
        Assert.Equal([$"{device}|telemetry||{ParsedBatch.ReceivedAt}|{field}=1"], ParsedBatch.Of(Format, $"[{{\"bn\":\"{device}/{field}\",\"v\":1}}]").Good);
    }

    [Theory]
    [InlineData("\"bu\":\"a\\u0001b\"", "bu invalid_tag_value")]
    [InlineData("\"bv\":1e999", "bv number_out_of_range")]
    [InlineData("\"bs\":-1e999", "bs number_out_of_range")]
    public void Base_that_no_record_could_be_good_with_fails_the_body(string label, string error) =>
        Assert.Equal("invalid_request #0 " + error, ParsedBatch.Of(Format, $"[{{\"n\":\"d\",\"v\":1,{label}}}]").BodyError);

    [Theory]
    [InlineData("9007199254740993", "-1", "9007199254740992")]
    [InlineData("1e300", "1", "1E+300")]
    [InlineData("0.1", "1e-30", "0.1")]
    public void Base_that_was_converted_once_is_added_as_before(string origin, string value, string sum)
    {
        var batch = ParsedBatch.Of(Format, $"[{{\"n\":\"d\",\"bv\":{origin},\"v\":{value}}},{{\"n\":\"d\",\"t\":-1,\"v\":{value}}}]");

        Assert.Empty(batch.Faults);
        Assert.Equal(2, batch.Good.Count);
        Assert.All(batch.Good, line => Assert.Equal(Number(sum), Number(line.Split('=')[1])));
    }

    [Fact]
    public void Work_grows_with_the_body_alone() => Gen.Select(Long.Array[1, 4], Short.Array[1, 3]).Sample(
        (longs, shorts) =>
        {
            var body = Encoding.UTF8.GetBytes($"[{string.Join(',', longs)},{string.Join(',', Enumerable.Repeat(string.Join(',', shorts), Records / shorts.Length))}]");
            var start = Stopwatch.GetTimestamp();
            var batch = ParsedBatch.Of(Format, body);

            Assert.True(Stopwatch.GetElapsedTime(start) < Enough, $"{Stopwatch.GetElapsedTime(start)} for {body.Length} bytes");
            Assert.True(batch.BodyError is not null || batch.Items > Records - shorts.Length);
        },
        iter: 60,
        threads: 1);

    private static string Pack(string label, int length) => $"[{{\"n\":\"a/b\",\"v\":1}},{{\"{label}\":{Value(label, length)},\"n\":\"\",\"v\":1}},{{\"v\":2}}]";

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Value(string label, int length) => label is "bn" or "bu" or "n" or "u" or "vs" or "vd"
        ? $"\"{new string('d', length)}\""
        : "0." + new string('1', length - 2);
}
