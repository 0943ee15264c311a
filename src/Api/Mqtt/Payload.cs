using System.Buffers;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Reads the payload of a message by its media type; without one, by its first character that is not blank: <c>[</c> begins a JSON array, <c>{</c> one JSON
/// object, and everything else is line protocol. One JSON object is taken wherever an array is.
/// </summary>
internal static class Payload
{
    private const string Json = "application/json";
    private const string LineProtocol = "application/vnd.influx.line-protocol";

    /// <param name="payload">The bytes.</param>
    /// <param name="contentType">Null for none.</param>
    /// <param name="batch">Where measurements and faults go.</param>
    /// <param name="reading">The device of the topic, and what else is known.</param>
    public static void Parse(ReadOnlySpan<byte> payload, string? contentType, MeasurementBatch batch, in BatchReading reading)
    {
        var first = FirstOf(payload);
        var format = BatchFormats.Find(contentType ?? MediaTypeOf(first));
        if (format is null)
            batch.BodyError = Unsupported(contentType);
        else if (first == '{' && format.MediaTypes.Contains(Json))
            ParseOne(format, payload, batch, reading);
        else
            format.Parse(payload, batch, reading);
        if (batch.BodyError is null && reading.Device is { } device)
            RejectOthers(batch, device);
    }

    /// <summary>The media type of a payload that names none, by its first character.</summary>
    private static string MediaTypeOf(byte first) => first is (byte)'[' or (byte)'{' ? Json : LineProtocol;

    private static byte FirstOf(ReadOnlySpan<byte> payload)
    {
        var byteOrderMark = "\uFEFF"u8;
        var text = (payload.StartsWith(byteOrderMark) ? payload[byteOrderMark.Length..] : payload).TrimStart(" \t\r\n"u8);
        return text.IsEmpty ? default : text[0];
    }

    // As an array of one, which the format knows.
    private static void ParseOne(IBatchFormat format, ReadOnlySpan<byte> payload, MeasurementBatch batch, in BatchReading reading)
    {
        var start = payload.IndexOf((byte)'{');
        var array = ArrayPool<byte>.Shared.Rent(payload.Length + 2);
        array[0] = (byte)'[';
        payload[start..].CopyTo(array.AsSpan(1));
        array[payload.Length - start + 1] = (byte)']';
        format.Parse(array.AsSpan(0, payload.Length - start + 2), batch, reading with { MaxMeasurements = 1 });
        ArrayPool<byte>.Shared.Return(array);
    }

    // A topic speaks for one device, whatever the format makes of it.
    private static void RejectOthers(MeasurementBatch batch, string device)
    {
        Span<byte> expected = stackalloc byte[4 * Identifier.MaxLength];
        expected = expected[..System.Text.Encoding.UTF8.GetBytes(device, expected)];
        for (var i = 0; i < batch.Rows.Length; i++)
        {
            if (!batch.Rows[i].IsRejected && !batch.Device(batch.Rows[i]).SequenceEqual(expected))
                batch.Reject(i, "device", ErrorCodes.DeviceMismatch, "'device' is another than that of the topic.");
        }
    }

    private static Error Unsupported(string? contentType) => new(
        ErrorKind.UnsupportedMediaType,
        ErrorCodes.UnsupportedMediaType,
        contentType is null ? "Line protocol is not taken here; say in the content type what the payload is." : "The content type is not taken here.");
}
