using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class SenmlFormatTests
{
    private const string Now = "1795000000000000000";

    private static readonly SenmlFormat Format = new();

    // The packs of RFC 8428, sections 5.1.1 to 5.1.5, as the contract splits their names.
    [Theory]
    [InlineData("""[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]""", "urn:dev:ow|telemetry|unit=Cel|" + Now + "|10e2073a01080063=23.1")]
    [InlineData(
        """[{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]""",
        "urn:dev:ow:10e2073a01080063|telemetry|unit=V|1795000000000000000|voltage=120.1",
        "urn:dev:ow:10e2073a01080063|telemetry|unit=A|1795000000000000001|current=1.2")]
    [InlineData(
        """[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current","v":1.7}]""",
        "urn:dev:ow:10e2073a0108006|telemetry|unit=V|1276020076001000000|voltage=120.1",
        "urn:dev:ow:10e2073a0108006|telemetry|unit=A|1276020071001000000|current=1.2",
        "urn:dev:ow:10e2073a0108006|telemetry|unit=A|1276020076001000000|current=1.7")]
    [InlineData(
        """[{"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":20},{"u":"lon","v":24.30621},{"t":60,"v":20.3}]""",
        "urn:dev:ow|telemetry|unit=%RH|1320067464000000000|10e2073a01080063=20",
        "urn:dev:ow|telemetry|unit=lon|1320067464000000000|10e2073a01080063=24.30621",
        "urn:dev:ow|telemetry|unit=%RH|1320067524000000000|10e2073a01080063=20.3")]
    [InlineData(
        """[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false}]""",
        "urn:dev:ow:10e2073a01080063|telemetry|unit=Cel|1795000000000000000|temp=23.1",
        "urn:dev:ow:10e2073a01080063|telemetry||1795000000000000001|label=\"Machine Room\"",
        "urn:dev:ow:10e2073a01080063|telemetry||1795000000000000002|open=false")]
    public void Packs_of_the_standard(string pack, params string[] measurements)
    {
        var batch = ParsedBatch.Of(Format, pack);

        Assert.Equal(measurements, batch.Good);
        Assert.Empty(batch.Faults);
    }

    [Theory]
    [InlineData("\"n\":\"d/temp\"", "d", "temp")]
    [InlineData("\"n\":\"a/b:temp\"", "a/b", "temp")]
    [InlineData("\"n\":\"a:b/temp\"", "a:b", "temp")]
    [InlineData("\"n\":\"d\"", "d", "value")]
    [InlineData("\"bn\":\"d/\"", "d", "value")]
    [InlineData("\"bn\":\"d\",\"n\":\"/temp\"", "d", "temp")]
    [InlineData("\"n\":\"temp\",\"bn\":\"d:\"", "d", "temp")]
    [InlineData("\"bn\":\"d-\",\"n\":\"1\"", "d-1", "value")]
    [InlineData("\"n\":\"\\u0064/t\"", "d", "t")]
    public void The_resolved_name_is_split_at_its_last_separator(string labels, string device, string field) =>
        Assert.Equal([$"{device}|telemetry||{Now}|{field}=1"], ParsedBatch.Of(Format, $"[{{{labels},\"v\":1}}]").Good);

    [Theory]
    [InlineData("\"t\":268435456", "268435456000000000")]
    [InlineData("\"t\":268435455", "2063435455000000000")]
    [InlineData("\"t\":-5", "1794999995000000000")]
    [InlineData("\"t\":0.5", "1795000000500000000")]
    [InlineData("\"t\":0", Now)]
    [InlineData("\"bt\":268435450,\"t\":6", "268435456000000000")]
    [InlineData("\"bt\":1700000000,\"t\":-1700000000", Now)]
    [InlineData("\"bt\":1700000000.1,\"t\":0.000000001", "1700000000100000001")]
    [InlineData("\"t\":1700000000.123456789", "1700000000123456789")]
    [InlineData("\"t\":17e8", "1700000000000000000")]
    [InlineData("\"t\":9223372036.854775806", "9223372036854775806")]
    public void Times_are_absolute_or_relative_to_the_receipt(string labels, string nanoseconds) =>
        Assert.Equal([$"d|telemetry||{nanoseconds}|value=1"], ParsedBatch.Of(Format, $"[{{\"n\":\"d\",{labels},\"v\":1}}]").Good);

    [Theory]
    [InlineData("9223372036.854775807")]
    [InlineData("1e20")]
    [InlineData("-1e10")]
    [InlineData("-1e25")]
    public void Times_beyond_the_range_of_nanoseconds_are_refused(string time) =>
        Assert.Equal(["#0 t timestamp_out_of_range"], ParsedBatch.Of(Format, $"[{{\"n\":\"d\",\"t\":{time},\"v\":1}}]").Faults);

    [Theory]
    [InlineData("\"v\":1.5", "value=1.5")]
    [InlineData("\"bv\":20.1,\"v\":3.2", "value=23.3")]
    [InlineData("\"bv\":20", "value=20")]
    [InlineData("\"bv\":20,\"vs\":\"x\"", "value=\"x\"")]
    [InlineData("\"bv\":1e300,\"v\":1e300", "value=2E+300")]
    [InlineData("\"s\":7", "value.sum=7")]
    [InlineData("\"v\":1,\"s\":7", "value=1,value.sum=7")]
    [InlineData("\"bs\":40,\"v\":1", "value=1,value.sum=40")]
    [InlineData("\"bs\":40,\"s\":2.5", "value.sum=42.5")]
    [InlineData("\"bv\":20,\"s\":7", "value.sum=7")]
    [InlineData("\"vb\":true", "value=true")]
    [InlineData("\"vs\":\"\\u00e9\"", "value=\"é\"")]
    [InlineData("\"v\":1,\"ut\":60,\"unknown\":{\"a\":[1]},\"x\":null", "value=1")]
    public void Values_and_sums_are_added_to_their_bases(string labels, string fields) =>
        Assert.Equal([$"d|telemetry||{Now}|{fields}"], ParsedBatch.Of(Format, $"[{{\"n\":\"d\",{labels}}}]").Good);

    [Theory]
    [InlineData("\"n\":\"d\"", "#1  no_fields")]
    [InlineData("\"n\":\"d\",\"v\":1,\"vs\":\"x\"", "#1  duplicate_member")]
    [InlineData("\"n\":\"d\",\"v\":1,\"v\":2", "#1 v duplicate_member")]
    [InlineData("\"n\":\"d\",\"vd\":\"aGk\"", "#1 vd unsupported_value")]
    [InlineData("\"n\":\"d\",\"v\":\"1\"", "#1 v wrong_type")]
    [InlineData("\"n\":\"d\",\"v\":null", "#1 v wrong_type")]
    [InlineData("\"n\":\"d\",\"vb\":1", "#1 vb wrong_type")]
    [InlineData("\"n\":\"d\",\"vs\":1", "#1 vs wrong_type")]
    [InlineData("\"n\":5,\"v\":1", "#1 n wrong_type")]
    [InlineData("\"n\":\"d\",\"u\":5,\"v\":1", "#1 u wrong_type")]
    [InlineData("\"n\":\"d\",\"s\":\"x\"", "#1 s wrong_type")]
    [InlineData("\"n\":\"d\",\"t\":\"now\",\"v\":1", "#1 t wrong_type")]
    [InlineData("\"n\":\"d\",\"ut\":\"now\",\"v\":1", "#1 ut wrong_type")]
    [InlineData("\"n\":\"-d\",\"v\":1", "#1 n invalid_identifier")]
    [InlineData("\"n\":\"d e\",\"v\":1", "#1 n invalid_identifier")]
    [InlineData("\"n\":\"dé\",\"v\":1", "#1 n invalid_identifier")]
    [InlineData("\"n\":\"d/_x\",\"v\":1", "#1 fields._x invalid_identifier")]
    [InlineData("\"v\":1", "#1 n required")]
    [InlineData("\"n\":\"d\",\"v\":9007199254740993", "#1 fields.value integer_out_of_range")]
    [InlineData("\"n\":\"d\",\"bv\":9007199254740992,\"v\":1", "#1 fields.value integer_out_of_range")]
    [InlineData("\"n\":\"d\",\"v\":1e999", "#1 fields.value number_out_of_range")]
    public void A_faulty_record_is_told_by_its_index_and_takes_no_other_with_it(string labels, string fault)
    {
        var batch = ParsedBatch.Of(Format, $"[{{\"n\":\"a/b\",\"v\":1}},{{{labels}}},{{\"n\":\"a/c\",\"bv\":0,\"v\":1}}]");

        Assert.Equal(2, batch.Good.Count);
        Assert.Equal([fault], batch.Faults);
        Assert.Equal(3, batch.Items);
        Assert.Null(batch.BodyError);
    }

    [Theory]
    [InlineData("""[{"n":"d","v":1},{"bn":5,"v":1}]""", "invalid_request #1 bn wrong_type")]
    [InlineData("""[{"bt":"now","n":"d","v":1}]""", "invalid_request #0 bt wrong_type")]
    [InlineData("""[{"bt":1e99,"n":"d","v":1}]""", "invalid_request #0 bt timestamp_out_of_range")]
    [InlineData("""[{"bu":1,"n":"d","v":1}]""", "invalid_request #0 bu wrong_type")]
    [InlineData("""[{"bv":"1","n":"d","v":1}]""", "invalid_request #0 bv wrong_type")]
    [InlineData("""[{"bver":11,"n":"d","v":1}]""", "invalid_request #0 bver unsupported_version")]
    [InlineData("""[{"bver":0,"n":"d","v":1}]""", "invalid_request #0 bver wrong_type")]
    [InlineData("""[{"bver":10,"n":"d","v":1},{"bver":5,"n":"d","v":1}]""", "invalid_request #1 bver unsupported_version")]
    [InlineData("""[{"n":"d","v":1,"must_":1}]""", "invalid_request #0 must_ unknown_member")]
    [InlineData("""{"n":"d","v":1}""", "invalid_request #  wrong_type")]
    [InlineData("""[{"n":"d","v":1}""", "invalid_json")]
    [InlineData("", "invalid_json")]
    public void What_all_that_follows_would_be_misread_by_fails_the_body(string pack, string error) =>
        Assert.Equal(error, ParsedBatch.Of(Format, pack).BodyError);

    [Fact]
    public void The_version_of_the_standard_is_taken_and_the_next_is_not()
    {
        Assert.Null(ParsedBatch.Of(Format, """[{"bver":10,"n":"d","v":1}]""").BodyError);
        Assert.NotNull(ParsedBatch.Of(Format, """[{"bver":11,"n":"d","v":1}]""").BodyError);
    }

    [Fact]
    public void As_many_records_as_are_taken_are_taken_and_one_more_fails_the_body()
    {
        const string record = "{\"n\":\"d\",\"v\":1}";
        Assert.Null(ParsedBatch.Of(Format, $"[{record},{record}]", max: 2).BodyError);
        Assert.Equal("batch_too_large", ParsedBatch.Of(Format, $"[{record},{record},{record}]", max: 2).BodyError);
    }

    [Theory]
    [InlineData("\"n\":\"temp\"", "given|telemetry||1795000000000000000|temp=1", null)]
    [InlineData("\"n\":\"given/temp\"", "given|telemetry||1795000000000000000|temp=1", null)]
    [InlineData("\"n\":\"given\"", "given|telemetry||1795000000000000000|value=1", null)]
    [InlineData("\"n\":\"other/temp\"", null, "#0 device device_mismatch")]
    public void A_device_that_the_way_in_has_named_is_the_only_one(string labels, string? good, string? fault)
    {
        var batch = ParsedBatch.Of(Format, $"[{{{labels},\"v\":1}}]", device: "given");

        Assert.Equal(good is null ? [] : [good], batch.Good);
        Assert.Equal(fault is null ? [] : [fault], batch.Faults);
    }
}
