using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>
/// Parses measurements from JSON into a <see cref="MeasurementBatch"/>. A fault of one measurement is told by its index and the rest goes on;
/// what is no JSON, or not of the right shape, fails the whole body.
/// </summary>
internal static class MeasurementJson
{
    /// <summary>Parses one object. The device is what the way in has named; null for none.</summary>
    public static void ParseOne(ReadOnlySpan<byte> body, MeasurementBatch batch, string? device = null) =>
        Parse(body, batch, isArray: false, new BatchReading(1, Device: device));

    /// <summary>Parses an array of objects; more than the reading takes are <c>batch_too_large</c>.</summary>
    public static void ParseArray(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading) => Parse(body, batch, isArray: true, reading);

    private static void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, bool isArray, in BatchReading reading)
    {
        body = JsonInput.WithoutByteOrderMark(body);
        var reader = new MeasurementJsonReader(batch, reading.Device);
        try
        {
            batch.BodyError = isArray ? reader.ReadArray(body, reading.MaxMeasurements) : reader.ReadOne(body);
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
