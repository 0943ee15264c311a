using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>An array of measurements as JSON.</summary>
internal sealed class JsonArrayFormat : IBatchFormat
{
    public IReadOnlyList<string> MediaTypes { get; } = ["application/json"];

    public void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading) => MeasurementJson.ParseArray(body, batch, reading);
}
