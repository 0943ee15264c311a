using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>A measurement as a JSON object on each line; lines of nothing but space are none. A broken line is a fault of its own and ends nothing.</summary>
internal sealed class NdjsonFormat : IBatchFormat
{
    public IReadOnlyList<string> MediaTypes { get; } = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

    public void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading)
    {
        body = JsonInput.WithoutByteOrderMark(body);
        var reader = new MeasurementJsonReader(batch, reading.Device);
        try
        {
            for (var line = 1; !body.IsEmpty; line++)
            {
                var end = body.IndexOf((byte)'\n');
                var text = end < 0 ? body : body[..end];
                body = body[(end < 0 ? body.Length : end + 1)..];
                if (text.Trim(" \t\r"u8).IsEmpty)
                    continue;
                if (batch.ItemCount == reading.MaxMeasurements)
                {
                    batch.BodyError = BatchErrors.TooMany(reading.MaxMeasurements);
                    return;
                }

                reader.ReadLine(text, line);
            }
        }
        finally
        {
            reader.Dispose();
        }
    }
}
