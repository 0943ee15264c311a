using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class NdjsonFormatTests
{
    private static readonly NdjsonFormat Format = new();

    [Fact]
    public void Each_line_is_a_measurement_and_space_is_none()
    {
        const string body = "\uFEFF{\"device\":\"a\",\"timestamp\":1,\"fields\":{\"v\":1}}\r\n\n  \t\n {\"device\":\"b\",\"name\":\"m\",\"timestamp\":2,\"fields\":{\"v\":\"x\\ny\"},\"tags\":{\"k\":\"w\"}}";
        var batch = ParsedBatch.Of(Format, body);

        Assert.Equal(["a|telemetry||1000000|v=1", "b|m|k=w|2000000|v=\"x\ny\""], batch.Good);
        Assert.Equal(2, batch.Items);
    }

    [Theory]
    [InlineData("{", "2  invalid_json")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":1}", "2  invalid_json")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":1}}}", "2  invalid_json")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":1}} {\"device\":\"y\",\"fields\":{\"v\":1}}", "2  invalid_json")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":NaN}}", "2  invalid_json")]
    [InlineData("nonsense", "2  invalid_json")]
    [InlineData("5", "2  wrong_type")]
    [InlineData("[]", "2  wrong_type")]
    [InlineData("{\"fields\":{\"v\":1}}", "2 device required")]
    [InlineData("{\"device\":\"x\",\"fields\":{}}", "2 fields no_fields")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":9007199254740993}}", "2 fields.v integer_out_of_range")]
    [InlineData("{\"device\":\"x\",\"fields\":{\"v\":1},\"more\":1}", "2 more unknown_member")]
    public void A_faulty_line_is_told_by_its_number_and_takes_no_other_with_it(string line, string fault)
    {
        var batch = ParsedBatch.Of(Format, $"{Good("a")}\n{line}\n\n{Good("b")}\n");

        Assert.Equal(["a|telemetry||1000000|v=1", "b|telemetry||1000000|v=1"], batch.Good);
        Assert.Equal([fault], batch.Faults);
        Assert.Equal(3, batch.Items);
    }

    [Fact]
    public void As_many_lines_as_are_taken_are_taken_and_one_more_fails_the_body()
    {
        Assert.Null(ParsedBatch.Of(Format, $"{Good("a")}\n{Good("b")}\n\n", max: 2).BodyError);
        Assert.Equal("batch_too_large", ParsedBatch.Of(Format, $"{Good("a")}\n{Good("b")}\n{{", max: 2).BodyError);
    }

    [Fact]
    public void A_device_that_the_way_in_has_named_is_the_only_one()
    {
        var batch = ParsedBatch.Of(Format, "{\"timestamp\":1,\"fields\":{\"v\":1}}\n" + Good("given") + "\n" + Good("other"), device: "given");

        Assert.Equal(["given|telemetry||1000000|v=1", "given|telemetry||1000000|v=1"], batch.Good);
        Assert.Equal(["3 device device_mismatch"], batch.Faults);
    }

    private static string Good(string device) => $$$"""{"device":"{{{device}}}","timestamp":1,"fields":{"v":1}}""";
}
