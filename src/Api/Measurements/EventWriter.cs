using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Application.Measurements.Live;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Measurements;

/// <summary>Writes events in the form of Server-Sent Events, which is text in lines with a blank one after each event.</summary>
internal sealed class EventWriter(PipeWriter output)
{
    private readonly MeasurementWriter _measurements = new(output);

    // So much is written before the reader has to take it.
    private const int FullBytes = 32 << 10;

    public bool IsFull => output.UnflushedBytes >= FullBytes;

    /// <summary>An id without data, which a reader keeps and tells nobody of.</summary>
    public void WriteBeginning(LiveEventId position) => Write($": stream\nid: {position}\n\n");

    public void WriteEnd(string reason) => Write($"event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n");

    public void Write(LiveEvent told)
    {
        switch (told.Kind)
        {
            case LiveEventKind.Measurement:
                WriteMeasurement(told.Id, told.Measurement!);
                break;
            case LiveEventKind.Gap:
                Write($"event: gap\nid: {told.Id}\ndata: {{}}\n\n");
                break;
            case LiveEventKind.Idle:
                Write($": heartbeat\nid: {told.Id}\n\n");
                break;
            default:
                WriteEnd("too_slow");
                break;
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes > 0)
            await output.FlushAsync(cancellationToken);
    }

    // JSON as it is written here has no line ends, which would break the data.
    private void WriteMeasurement(LiveEventId id, Measurement measurement)
    {
        Write($"event: measurement\nid: {id}\ndata: ");
        _measurements.Write(measurement);
        output.Write("\n\n"u8);
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
