using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Api.Mqtt;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Mqtt;

/// <summary>What a payload is taken for.</summary>
public sealed class PayloadTests
{
    private const string Item = """{"device":"a","fields":{"x":1}}""";

    [Theory]
    [InlineData("application/json", "[" + Item + "," + Item + "]", 2)]
    [InlineData("application/json", Item, 1)]
    [InlineData("application/json; charset=utf-8", " \r\n\t" + Item, 1)]
    [InlineData(null, "[" + Item + "]", 1)]
    [InlineData(null, "\uFEFF [" + Item + "]", 1)]
    [InlineData(null, Item, 1)]
    [InlineData(null, "\uFEFF\n" + Item + "\n", 1)]
    [InlineData("", Item, 1)]
    public void Json_is_an_array_or_one_object(string? contentType, string payload, int count)
    {
        using var batch = Parse(payload, contentType, "a");
        Assert.Null(batch.BodyError);
        Assert.Equal((count, count), (batch.ItemCount, batch.AcceptedCount));
    }

    [Theory]
    [InlineData(Item + "," + Item)]
    [InlineData(Item + Item)]
    [InlineData(Item + "]")]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("[" + Item)]
    public void What_is_neither_is_no_batch(string payload)
    {
        using var batch = Parse(payload, "application/json", "a");
        Assert.NotNull(batch.BodyError);
    }

    [Theory]
    [InlineData(null, "m x=1 5\nm x=2 6")]
    [InlineData("", "\uFEFF\n \t# a comment\nm x=1 5\nm x=2 6")]
    [InlineData("text/plain", "m x=1 5\nm x=2 6")]
    [InlineData("application/vnd.influx.line-protocol", "m x=1 5\nm x=2 6")]
    public void Everything_else_is_line_protocol_in_the_unit_that_was_told(string? contentType, string payload)
    {
        using var batch = Parse(payload, contentType, "a", TimestampUnit.Second);
        Assert.Null(batch.BodyError);
        Assert.Equal([5_000_000_000, 6_000_000_000], batch.Rows.ToArray().Select(row => row.Timestamp.Nanoseconds));
        Assert.Equal(2, batch.AcceptedCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Nothing_is_an_empty_batch(string? contentType)
    {
        using var batch = Parse(" \n", contentType, "a");
        Assert.Equal((0, 0), (batch.ItemCount, batch.RejectedCount));
    }

    [Fact]
    public void Object_is_no_array_to_formats_that_are_no_plain_json()
    {
        using var senml = Parse("""{"n":"x","v":1}""", "application/senml+json", "a");
        Assert.Equal(ErrorCodes.WrongType, senml.BodyError!.Faults.Single().Code);
        using var lines = Parse(Item, "text/plain", "a");
        Assert.Contains(lines.Faults, fault => fault.Code == ErrorCodes.InvalidLine);
        Assert.Equal(0, lines.AcceptedCount);
        using var ndjson = Parse(Item + "\n" + Item, "application/x-ndjson", "a");
        Assert.Equal(2, ndjson.AcceptedCount);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("no media type")]
    public void Other_media_types_are_refused(string contentType)
    {
        using var batch = Parse(Item, contentType, "a");
        Assert.Equal(ErrorCodes.UnsupportedMediaType, batch.BodyError!.Code);
    }

    [Fact]
    public void Measurement_of_another_device_than_that_of_the_topic_is_refused_and_the_others_are_kept()
    {
        using var batch = Parse("""[{"device":"a","fields":{"x":1}},{"device":"ab","fields":{"x":2}},{"device":"a","fields":{"x":3}}]""", null, "a");
        Assert.Equal((2, 1), (batch.AcceptedCount, batch.RejectedCount));
        Assert.Equal((1, ErrorCodes.DeviceMismatch), (batch.Faults.Single().Index, batch.Faults.Single().Code));
    }

    private static MeasurementBatch Parse(string payload, string? contentType, string device, TimestampUnit unit = TimestampUnit.Nanosecond)
    {
        var batch = new MeasurementBatch(new Timestamp(0));
        Payload.Parse(Encoding.UTF8.GetBytes(payload), contentType, batch, new BatchReading(100, unit, device));
        return batch;
    }
}
