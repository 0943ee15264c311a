using System.Buffers;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>One measurement a line, as pages have it.</summary>
internal sealed class NdjsonRows : IRowFormat
{
    public string MediaType => RowFormats.Ndjson;

    public bool NeedsColumns => false;

    public void WriteHeader(IBufferWriter<byte> output, MeasurementColumns columns)
    {
    }

    public void Write(IBufferWriter<byte> output, Measurement measurement)
    {
        using var body = new JsonBody();
        MeasurementPageJson.Write(body.Writer, measurement);
        body.CopyTo(output);
        output.Write("\n"u8);
    }
}
