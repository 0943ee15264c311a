using CsCheck;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>The parser and a naive one resolve any pack to the same.</summary>
public sealed class SenmlModelTests
{
    private static readonly Gen<string> Label = Gen.OneOf(
        Of("bn", "\"dev/\"", "\"a:b:\"", "\"\"", "\"urn:x\""),
        Of("bt", "1700000000", "1.7e9", "-3", "0", "268435450.5"),
        Of("bu", "\"Cel\"", "\"\""),
        Of("bv", "20.5", "-1", "0", "1000"),
        Of("bs", "7", "0.25"),
        Of("n", "\"temp\"", "\"x/y\"", "\"_z\"", "\"-q\"", "\"\"", "\"a b\"", "\"\\u0041\""),
        Of("u", "\"V\"", "\"\"", "\"%RH\""),
        Of("v", "1", "-2.5", "0.1", "21"),
        Of("vs", "\"on\"", "\"\""),
        Of("vb", "true", "false"),
        Of("s", "3", "0.5"),
        Of("t", "5", "-5", "0", "0.001", "1800000000"),
        Of("ut", "60"),
        Of("other", "[{}]", "null"));

    private static readonly Gen<string> Pack = Label.Array[0, 6].Select(labels => "{" + string.Join(',', labels.DistinctBy(label => label.Split(':')[0])) + "}")
        .Array[0, 6].Select(records => "[" + string.Join(',', records) + "]");

    [Fact]
    public void Any_pack_is_resolved_as_by_the_naive_parser() => Pack.Sample(pack =>
    {
        var (naive, parsed) = (NaiveSenml.Resolve(pack), ParsedBatch.Of(new SenmlFormat(), pack));

        Assert.Null(parsed.BodyError);
        Assert.Equal(naive.OfType<string>(), parsed.Good);
        Assert.Equal(naive.Index().Where(record => record.Item is null).Select(record => $"#{record.Index}"), parsed.Faults.Select(fault => fault.Split(' ')[0]).Distinct());
    }, iter: 10_000);

    private static Gen<string> Of(string label, params string[] values) => Gen.OneOf(values).Select(value => $"\"{label}\":{value}");
}
