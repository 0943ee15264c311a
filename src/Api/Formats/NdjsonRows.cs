using System.Buffers;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>One measurement a line, as pages have it.</summary>
internal sealed class NdjsonRows : IRowFormat
{
    private MeasurementWriter? _writer;

    public string MediaType => RowFormats.Ndjson;

    public bool NeedsColumns => false;

    public void WriteHeader(IBufferWriter<byte> output, MeasurementColumns columns)
    {
    }

    public void Write(IBufferWriter<byte> output, Measurement measurement)
    {
        if (_writer?.Output != output)
            _writer = new MeasurementWriter(output);
        _writer.Write(measurement);
        output.Write("\n"u8);
    }
}
