using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Reads the payload of a message by its media type; without one, by its first character that is not blank: <c>[</c> begins a JSON array, <c>{</c> one JSON
/// object, and everything else is line protocol. One JSON object is taken wherever a JSON array is.
/// </summary>
internal static class Payload
{
    private const string Json = "application/json";

    /// <param name="payload">The bytes.</param>
    /// <param name="contentType">Null or empty for none.</param>
    /// <param name="batch">Where measurements and faults go.</param>
    /// <param name="reading">The device of the topic, and what else is known.</param>
    public static void Parse(ReadOnlySpan<byte> payload, string? contentType, MeasurementBatch batch, in BatchReading reading)
    {
        var first = FirstOf(payload);
        var format = string.IsNullOrEmpty(contentType) ? Sniff(first) : BatchFormats.Find(contentType);
        if (format is null)
            batch.BodyError = BatchFormats.Unsupported();
        else if (first == '{' && format.MediaTypes.Contains(Json))
            MeasurementJson.ParseOne(payload, batch, reading.Device);
        else
            format.Parse(payload, batch, reading);
    }

    private static IBatchFormat? Sniff(byte first) => first is (byte)'[' or (byte)'{' ? BatchFormats.Find(Json) : BatchFormats.LineProtocol;

    private static byte FirstOf(ReadOnlySpan<byte> payload)
    {
        var text = JsonInput.WithoutByteOrderMark(payload).TrimStart(" \t\r\n"u8);
        return text.IsEmpty ? default : text[0];
    }
}
