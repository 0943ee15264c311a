using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class LineProtocolFormatTests
{
    private static readonly LineProtocolFormat Format = new();

    [Theory]
    [InlineData("m,device=d v=1 5", "d|m||5|v=1")]
    [InlineData("m,device=d v=1 -5", "d|m||-5|v=1")]
    [InlineData("m,device=d v=1", "d|m||1795000000000000000|v=1")]
    [InlineData("m,device=d v=1 ", "d|m||1795000000000000000|v=1")]
    [InlineData("m,device=d v=1 5\r\n", "d|m||5|v=1")]
    [InlineData("m,device=d v=1\r\n", "d|m||1795000000000000000|v=1")]
    [InlineData("m,device=d v=\"x\"\r\n", "d|m||1795000000000000000|v=\"x\"")]
    [InlineData("m,device=d   v=1   5   \n", "d|m||5|v=1")]
    [InlineData("  \t m,device=d v=1 5", "d|m||5|v=1")]
    [InlineData("m,b=2,device=d,a=1 v=1 5", "d|m|a=1,b=2|5|v=1")]
    [InlineData("m,device=d a=1,b=t,c=\"x\" 5", "d|m||5|a=1,b=true,c=\"x\"")]
    [InlineData("m\\,n\\ o,device=d v=1 5", null)]
    [InlineData("room\\ climate,device=green\\ house v=1 5", "green house|room climate||5|v=1")]
    [InlineData("m,device=d,t=a\\,b\\=c\\ d v=1 5", "d|m|t=a,b=c d|5|v=1")]
    [InlineData("m,device=d,t=C:\\data\\\\x v=1 5", "d|m|t=C:\\data\\\\x|5|v=1")]
    [InlineData("m,device=d,t=\"q\" v=1 5", "d|m|t=\"q\"|5|v=1")]
    [InlineData("m,device=d v\\ w=1 5", "d|m||5|v w=1")]
    [InlineData("m,device=ä/温度:1 v=1 5", "ä/温度:1|m||5|v=1")]
    [InlineData("\uFEFFm,device=d v=1 5", "d|m||5|v=1")]
    public void A_line_is_a_measurement(string line, string? measurement)
    {
        var batch = ParsedBatch.Of(Format, line);

        if (measurement is null)
            Assert.Equal(["1 name invalid_identifier"], batch.Faults);
        else
            Assert.Equal([measurement], batch.Good);
        Assert.Null(batch.BodyError);
    }

    [Theory]
    [InlineData("device=d,device_id=e,host=f", "d|m|device_id=e,host=f|5|v=1")]
    [InlineData("host=f,device_id=e,device=d", "d|m|device_id=e,host=f|5|v=1")]
    [InlineData("device_id=e,host=f", "e|m|host=f|5|v=1")]
    [InlineData("host=f,x=y", "f|m|x=y|5|v=1")]
    [InlineData("host=my\\ host", "my host|m||5|v=1")]
    [InlineData("dev\\ ice=d,host=f", "f|m|dev ice=d|5|v=1")]
    public void The_first_of_three_tags_names_the_device_and_is_not_repeated(string tags, string measurement) =>
        Assert.Equal([measurement], ParsedBatch.Of(Format, $"m,{tags} v=1 5").Good);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-1.5", "-1.5")]
    [InlineData("+1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1.5E-3", "0.0015")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("-0", "-0")]
    [InlineData("0.1", "0.1")]
    [InlineData("123456789012345678", "1.2345678901234568E+17")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157E+308")]
    [InlineData("12i", "12")]
    [InlineData("-12i", "-12")]
    [InlineData("12u", "12")]
    [InlineData("9007199254740992i", "9007199254740992")]
    [InlineData("-9223372036854775808i", "-9.223372036854776E+18")]
    [InlineData("9223372036854775808u", "9.223372036854776E+18")]
    [InlineData("t", "true")]
    [InlineData("T", "true")]
    [InlineData("true", "true")]
    [InlineData("True", "true")]
    [InlineData("TRUE", "true")]
    [InlineData("f", "false")]
    [InlineData("F", "false")]
    [InlineData("false", "false")]
    [InlineData("False", "false")]
    [InlineData("FALSE", "false")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"a, b=c\"", "\"a, b=c\"")]
    [InlineData("\"say \\\"hi\\\"\"", "\"say \"hi\"\"")]
    [InlineData("\"a\\\\b\"", "\"a\\b\"")]
    [InlineData("\"a\\nb\"", "\"a\\nb\"")]
    [InlineData("\"two\nlines\"", "\"two\nlines\"")]
    public void Values_of_every_type(string written, string value) =>
        Assert.Equal([$"d|m||5|v={value}"], ParsedBatch.Of(Format, $"m,device=d v={written} 5").Good);

    [Theory]
    [InlineData("9007199254740993i", "integer_out_of_range")]
    [InlineData("-9007199254740993i", "integer_out_of_range")]
    [InlineData("9223372036854775807i", "integer_out_of_range")]
    [InlineData("9223372036854775808i", "integer_out_of_range")]
    [InlineData("18446744073709551615u", "integer_out_of_range")]
    [InlineData("18446744073709551616u", "integer_out_of_range")]
    [InlineData("1e309", "number_out_of_range")]
    [InlineData("-1u", "wrong_type")]
    [InlineData("1.5i", "wrong_type")]
    [InlineData("i", "wrong_type")]
    [InlineData("-i", "wrong_type")]
    [InlineData("-", "wrong_type")]
    [InlineData(".", "wrong_type")]
    [InlineData("1.2.3", "wrong_type")]
    [InlineData("1e", "wrong_type")]
    [InlineData("0x10", "wrong_type")]
    [InlineData("1_000", "wrong_type")]
    [InlineData("NaN", "wrong_type")]
    [InlineData("-Infinity", "wrong_type")]
    [InlineData("inf", "wrong_type")]
    [InlineData("tRUE", "wrong_type")]
    [InlineData("yes", "wrong_type")]
    [InlineData("'x'", "wrong_type")]
    public void A_wrong_value_is_a_fault_of_its_field(string written, string code) =>
        Assert.Equal([$"1 fields.v {code}"], ParsedBatch.Of(Format, $"m,device=d v={written},w=1 5").Faults);

    [Theory]
    [InlineData("m")]
    [InlineData("m,device=d")]
    [InlineData("m,device=d 5")]
    [InlineData("m,device=d v")]
    [InlineData("m,device=d v=")]
    [InlineData("m,device=d v= 5")]
    [InlineData("m,device=d v=1,")]
    [InlineData("m,device=d v=1, w=2")]
    [InlineData("m,device=d v=1 5 6")]
    [InlineData("m,device=d v=1 5,w=2")]
    [InlineData("m,device=d v=1 5x")]
    [InlineData("m,device=d v=1 1.5")]
    [InlineData("m,device=d v=1 -")]
    [InlineData("m,device=d =1")]
    [InlineData("m,device v=1")]
    [InlineData("m,device=a=b v=1")]
    [InlineData(",device=d v=1")]
    [InlineData("m=n,device=d v=1")]
    [InlineData("m,device=d v=\"open")]
    [InlineData("m,device=d v=\"a\"b")]
    [InlineData("m,device=d v=\"a\\\"")]
    [InlineData("{\"device\":\"d\"}")]
    public void A_line_of_another_form_is_told_and_takes_no_other_with_it(string line)
    {
        var batch = ParsedBatch.Of(Format, $"m,device=a v=1 1\n{line}\nm,device=b v=1 2\n");

        Assert.Equal(["a|m||1|v=1", "b|m||2|v=1"], batch.Good);
        Assert.Contains("2  invalid_line", batch.Faults);
        Assert.All(batch.Faults, fault => Assert.StartsWith("2 ", fault, StringComparison.Ordinal));
        Assert.Equal(3, batch.Items);
    }

    [Theory]
    [InlineData("m v=1 5", "1 device required")]
    [InlineData("m,place=x v=1 5", "1 device required")]
    [InlineData("m,device= v=1 5", "1 device invalid_identifier")]
    [InlineData("m,device=d,device=e v=1 5", "1 tags.device duplicate_member")]
    [InlineData("m,device=d,a=1,a=2 v=1 5", "1 tags.a duplicate_member")]
    [InlineData("m,device=d,a= v=1 5", "1 tags.a invalid_tag_value")]
    [InlineData("m,device=d,=x v=1 5", "1 tags. invalid_identifier")]
    [InlineData("m,device=d v=1,v=2 5", "1 fields.v duplicate_member")]
    [InlineData("m,device=d _v=1 5", "1 fields._v invalid_identifier")]
    [InlineData("_m,device=d v=1 5", "1 name invalid_identifier")]
    [InlineData("m,device=d v=1 9223372036854775807", "1 timestamp timestamp_out_of_range")]
    [InlineData("m,device=d v=1 9223372036854775808", "1 timestamp timestamp_out_of_range")]
    [InlineData("m,device=d v=1 99999999999999999999", "1 timestamp timestamp_out_of_range")]
    public void A_rule_of_measurements_holds_here_as_everywhere(string line, string fault) => Assert.Equal([fault], ParsedBatch.Of(Format, line).Faults);

    [Theory]
    [InlineData("ns", 1_700_000_000_123_456_789, 1_700_000_000_123_456_789)]
    [InlineData("us", 1_700_000_000_123_456, 1_700_000_000_123_456_000)]
    [InlineData("ms", 1_700_000_000_123, 1_700_000_000_123_000_000)]
    [InlineData("s", 1_700_000_000, 1_700_000_000_000_000_000)]
    [InlineData("s", 9_223_372_036, 9_223_372_036_000_000_000)]
    [InlineData("s", -9_223_372_036, -9_223_372_036_000_000_000)]
    public void Times_count_what_the_precision_says(string precision, long written, long nanoseconds) =>
        Assert.Equal([$"d|m||{nanoseconds}|v=1"], ParsedBatch.Of(Format, $"m,device=d v=1 {written}", unit: TimestampUnits.Find(precision)!.Value).Good);

    [Theory]
    [InlineData(9_223_372_037)]
    [InlineData(-9_223_372_037)]
    public void Times_beyond_the_range_of_nanoseconds_are_refused(long seconds) =>
        Assert.Equal(["1 timestamp timestamp_out_of_range"], ParsedBatch.Of(Format, $"m,device=d v=1 {seconds}", unit: TimestampUnit.Second).Faults);

    [Fact]
    public void Minutes_and_hours_are_units_too()
    {
        Assert.Equal(["d|m||120000000000|v=1"], ParsedBatch.Of(Format, "m,device=d v=1 2", unit: TimestampUnit.Minute).Good);
        Assert.Equal(["d|m||7200000000000|v=1"], ParsedBatch.Of(Format, "m,device=d v=1 2", unit: TimestampUnit.Hour).Good);
    }

    [Fact]
    public void Lines_are_counted_with_comments_empty_ones_and_those_inside_of_texts()
    {
        const string body = "# a comment\n\n  # another, v=\"x\n\r\nm,device=a v=\"1\n2\n3\" 1\nbad\nm v=1\n";
        var batch = ParsedBatch.Of(Format, body);

        Assert.Equal(["a|m||1|v=\"1\n2\n3\""], batch.Good);
        Assert.Equal(["8  invalid_line", "9 device required"], batch.Faults);
    }

    [Fact]
    public void A_broken_line_ends_behind_its_texts_whatever_they_hold()
    {
        const string body = "m,device=a v=\"x\nm,device=evil v=1 1\n\",w=oops= 5 6\nm,device=b v=1 2";
        var batch = ParsedBatch.Of(Format, body);

        Assert.Equal(["b|m||2|v=1"], batch.Good);
        Assert.Contains("1  invalid_line", batch.Faults);
        Assert.Equal(2, batch.Items);
    }

    [Fact]
    public void As_many_lines_as_are_taken_are_taken_and_one_more_fails_the_body()
    {
        var lines = string.Concat(Enumerable.Range(0, 3).Select(i => $"m,device=d v=1 {i}\n"));

        Assert.Null(ParsedBatch.Of(Format, lines + "# end\n", max: 3).BodyError);
        Assert.Equal("batch_too_large", ParsedBatch.Of(Format, lines + "m v=1", max: 3).BodyError);
    }

    [Fact]
    public void A_body_without_points_has_no_item() => Assert.Equal(0, ParsedBatch.Of(Format, "# nothing\n\n").Items);

    [Theory]
    [InlineData("m v=1 5", "given|m||5|v=1", null)]
    [InlineData("m,device=given v=1 5", "given|m||5|v=1", null)]
    [InlineData("m,device_id=given v=1 5", "given|m||5|v=1", null)]
    [InlineData("m,host=other v=1 5", "given|m|host=other|5|v=1", null)]
    [InlineData("m,device=other v=1 5", null, "1 device device_mismatch")]
    [InlineData("m,device_id=other v=1 5", null, "1 device device_mismatch")]
    public void A_device_that_the_way_in_has_named_is_the_only_one(string line, string? good, string? fault)
    {
        var batch = ParsedBatch.Of(Format, line, device: "given");

        Assert.Equal(good is null ? [] : [good], batch.Good);
        Assert.Equal(fault is null ? [] : [fault], batch.Faults);
    }
}
