using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>InfluxDB's line protocol: a point on each line, its device in a tag.</summary>
internal sealed class LineProtocolFormat : IBatchFormat
{
    public IReadOnlyList<string> MediaTypes { get; } = ["text/plain", "application/vnd.influx.line-protocol"];

    public void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading)
    {
        var reader = new LineProtocolReader(JsonInput.WithoutByteOrderMark(body), batch, reading);
        try
        {
            batch.BodyError = reader.ReadAll(reading.MaxMeasurements);
        }
        finally
        {
            reader.Dispose();
        }
    }
}
