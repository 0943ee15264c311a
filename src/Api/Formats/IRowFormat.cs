using System.Buffers;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Writes measurements one after the other; of one answer, and not safe for concurrent use.</summary>
internal interface IRowFormat
{
    /// <summary>As <c>Content-Type</c> has it.</summary>
    string MediaType { get; }

    /// <summary>Whether the header names what the rows may have.</summary>
    bool NeedsColumns { get; }

    /// <summary>To be called once, before all rows.</summary>
    void WriteHeader(IBufferWriter<byte> output, MeasurementColumns columns);

    void Write(IBufferWriter<byte> output, Measurement measurement);
}
