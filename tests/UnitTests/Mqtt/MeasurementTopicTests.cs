using IotBackend.Api.Mqtt;
using Xunit;

namespace IotBackend.UnitTests.Mqtt;

public sealed class MeasurementTopicTests
{
    [Theory]
    [InlineData("devices/a/measurements", "a", null)]
    [InlineData("devices/greenhouse-12/measurements", "greenhouse-12", null)]
    [InlineData("devices/gewächshaus 1/measurements", "gewächshaus 1", null)]
    [InlineData("devices/a%2Fb/measurements", "a/b", null)]
    [InlineData("devices/a%2fb/measurements", "a/b", null)]
    [InlineData("devices/50%25/measurements", "50%", null)]
    [InlineData("devices/gew%C3%A4chs/measurements", "gewächs", null)]
    [InlineData("buckets/b/devices/a/measurements", "a", "b")]
    [InlineData("buckets/b%2F1/devices/a/measurements", "a", "b/1")]
    public void Names_device_and_bucket(string topic, string device, string? bucket)
    {
        var parsed = MeasurementTopic.TryParse(topic, out var wrong);
        Assert.Null(wrong);
        Assert.Equal((device, bucket), (parsed!.Device, parsed.Bucket?.Value));
    }

    [Theory]
    [InlineData("", "published to")]
    [InlineData("devices/a", "published to")]
    [InlineData("/devices/a/measurements", "published to")]
    [InlineData("devices/a/measurements/", "published to")]
    [InlineData("devices/a/b/measurements", "published to")]
    [InlineData("Devices/a/measurements", "published to")]
    [InlineData("devices/a/measurement", "published to")]
    [InlineData("buckets/b/devices/a", "published to")]
    [InlineData("devices//measurements", "device is empty")]
    [InlineData("devices/_a/measurements", "starts with '_'")]
    [InlineData("devices/a%/measurements", "two hexadecimal digits")]
    [InlineData("devices/a%2/measurements", "two hexadecimal digits")]
    [InlineData("devices/a%2G/measurements", "two hexadecimal digits")]
    [InlineData("devices/a%+1/measurements", "two hexadecimal digits")]
    [InlineData("devices/%FF/measurements", "no UTF-8")]
    [InlineData("devices/a%00/measurements", "U+0000")]
    [InlineData("buckets//devices/a/measurements", "bucket is empty")]
    [InlineData("buckets/_b/devices/a/measurements", "bucket starts with '_'")]
    public void Others_are_refused_with_a_reason(string topic, string reason)
    {
        Assert.Null(MeasurementTopic.TryParse(topic, out var wrong));
        Assert.Contains(reason, wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_may_have_128_characters_and_no_more()
    {
        Assert.NotNull(MeasurementTopic.TryParse($"devices/{new string('ä', 128)}/measurements", out _));
        Assert.Null(MeasurementTopic.TryParse($"devices/{new string('ä', 129)}/measurements", out var wrong));
        Assert.Contains("128", wrong, StringComparison.Ordinal);
    }
}
