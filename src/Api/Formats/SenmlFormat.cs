using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Sensor Measurement Lists as JSON (RFC 8428): each record, resolved, is a measurement of one field.</summary>
internal sealed class SenmlFormat : IBatchFormat
{
    public IReadOnlyList<string> MediaTypes { get; } = ["application/senml+json"];

    public void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading)
    {
        body = JsonInput.WithoutByteOrderMark(body);
        var reader = new SenmlReader(body, batch, reading.Device);
        try
        {
            batch.BodyError = reader.ReadAll(reading.MaxMeasurements);
        }
        catch (JsonException exception)
        {
            batch.BodyError = JsonInput.Invalid(body, exception);
        }
        finally
        {
            reader.Dispose();
        }
    }
}
