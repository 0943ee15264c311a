using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class BatchFormatsTests
{
    [Theory]
    [InlineData(null, typeof(JsonArrayFormat))]
    [InlineData("", typeof(JsonArrayFormat))]
    [InlineData("application/json", typeof(JsonArrayFormat))]
    [InlineData("Application/JSON; charset=UTF-8", typeof(JsonArrayFormat))]
    [InlineData("application/x-ndjson", typeof(NdjsonFormat))]
    [InlineData("application/jsonl;charset=\"utf-8\"", typeof(NdjsonFormat))]
    [InlineData("text/plain", typeof(LineProtocolFormat))]
    [InlineData("text/plain; charset=us-ascii", typeof(LineProtocolFormat))]
    [InlineData("application/vnd.influx.line-protocol", typeof(LineProtocolFormat))]
    [InlineData("application/senml+json", typeof(SenmlFormat))]
    [InlineData("text/plain; charset=latin1", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/senml+cbor", null)]
    [InlineData("text/html", null)]
    [InlineData("nonsense", null)]
    public void A_format_is_found_by_its_media_type(string? contentType, Type? format) => Assert.Equal(format, BatchFormats.Find(contentType)?.GetType());

    [Fact]
    public void The_refusal_tells_all_that_are_taken()
    {
        var offered = Assert.IsType<string>(BatchFormats.Unsupported().Details["offered"]);

        foreach (var mediaType in (string[])["application/json", "application/x-ndjson", "text/plain", "application/vnd.influx.line-protocol", "application/senml+json"])
            Assert.Contains(mediaType, offered.Split(", "));
    }
}
