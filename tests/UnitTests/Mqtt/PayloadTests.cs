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
    public void Json_is_an_array_or_one_object(string? contentType, string payload, int count)
    {
        using var batch = Parse(payload, contentType, "a");
        Assert.Null(batch.BodyError);
        Assert.Equal((count, count), (batch.ItemCount, batch.AcceptedCount));
    }

    [Theory]
    [InlineData(Item + "," + Item)]
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

    private static MeasurementBatch Parse(string payload, string? contentType, string device)
    {
        var batch = new MeasurementBatch(new Timestamp(0));
        Payload.Parse(Encoding.UTF8.GetBytes(payload), contentType, batch, new BatchReading(100, TimestampUnit.Nanosecond, device));
        return batch;
    }
}
