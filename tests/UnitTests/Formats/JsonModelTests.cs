using CsCheck;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>An array of measurements, and the same on lines, are read as by a naive parser.</summary>
public sealed class JsonModelTests
{
    private static readonly Gen<string> Name = Gen.OneOf("\"a\"", "\"b c\"", "\"\\u00e9\"", "\"é\"", "\"_x\"", "\"\"", "\"\\\\\"", "\"d\\/e\"");

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.OneOf("1", "-2.5", "0.1", "1e3", "9007199254740993", "9007199254740992", "123456789012345678901234567890", "1e999", "true", "false", "null", "\"t\"", "\"\\n\"", "{}", "[1]"),
        Gen.Double.Where(double.IsFinite).Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static readonly Gen<string> Members = Gen.Select(Name, Value, (name, value) => (name, value)).Array[0, 4]
        .Select(members => "{" + string.Join(",", members.Select(member => $"{member.name}:{member.value}")) + "}");

    private static readonly Gen<string> Member = Gen.OneOf(
        Gen.OneOf(Name, Value).Select(value => "\"device\":" + value),
        Gen.OneOf(Name, Value).Select(value => "\"n\\u0061me\":" + value),
        Gen.OneOf(Value, Gen.OneOf("\"2026-11-23T20:44:00.125Z\"", "1764000000123", "\"soon\"")).Select(value => "\"timestamp\":" + value),
        Gen.OneOf(Members, Value).Select(value => "\"fields\":" + value),
        Gen.OneOf(Members, Value).Select(value => "\"tags\" : " + value),
        Value.Select(value => "\"other\":" + value));

    private static readonly Gen<string> Measurement = Gen.OneOf(
        Member.Array[0, 5].Select(members => "{" + string.Join(" , ", members.DistinctBy(member => member[..4])) + "}"),
        Gen.Select(Name, Members, (device, fields) => $"{{\"device\":{device},\"fields\":{fields}}}"),
        Value.Where(value => value[0] != '{'));

    [Fact]
    public void Array_is_read_as_by_the_naive_parser() => Measurement.Array[0, 5].Sample(items =>
        AssertEqual(NaiveJson.Parse(items, areLines: false), ParsedBatch.Of(new JsonArrayFormat(), $"[{string.Join(", ", items)}]")), iter: 5_000);

    [Fact]
    public void Lines_are_read_as_by_the_naive_parser() => Measurement.Array[0, 5].Sample(items =>
        AssertEqual(NaiveJson.Parse(items, areLines: true), ParsedBatch.Of(new NdjsonFormat(), string.Join("\n", items))), iter: 5_000);

    private static void AssertEqual(ParsedBatch naive, ParsedBatch parsed)
    {
        Assert.Null(parsed.BodyError);
        Assert.Equal(naive.Good, parsed.Good);
        Assert.Equal(naive.Faults, parsed.Faults);
        Assert.Equal(naive.Items, parsed.Items);
    }
}
