using System.Globalization;
using System.Text.Json;

namespace IotBackend.Simulator.Sending;

/// <summary>Samples as the JSON that the contract takes.</summary>
internal static class SampleEncoder
{
    /// <summary>The body of <c>POST /measurements</c>.</summary>
    public static byte[] EncodeBatch(ReadOnlySpan<Sample> samples)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var sample in samples)
                Write(writer, sample);
            writer.WriteEndArray();
        }

        return buffer.ToArray();
    }

    /// <summary>The body of <c>POST /measurement</c>.</summary>
    public static byte[] EncodeSingle(Sample sample)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, sample);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, Sample sample)
    {
        writer.WriteStartObject();
        writer.WriteString("device"u8, sample.Device);
        if (sample.Name is not null)
            writer.WriteString("name"u8, sample.Name);
        writer.WriteString("timestamp"u8, Rfc3339(sample.Timestamp));
        writer.WriteStartObject("fields"u8);
        foreach (var field in sample.Fields)
        {
            writer.WritePropertyName(field.Name);
            writer.WriteRawValue(field.Json);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Rfc3339(DateTimeOffset timestamp) =>
        timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
