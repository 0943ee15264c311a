using System.Buffers;
using System.IO.Pipelines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>The lines of a streamed answer, each of bounded length. Dispose it when it has been read.</summary>
internal sealed class AnswerLines(Stream stream) : IDisposable
{
    /// <summary>Many times what the asked number of rows takes.</summary>
    public const int MaxBytes = 64 << 20;

    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The next line without its end; null when there is none.</summary>
    /// <exception cref="InfluxDbException">The line is too long.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted)
                return read.Buffer.IsEmpty ? null : TakeLast(read.Buffer);
            if (read.Buffer.Length > MaxBytes)
                throw new InfluxDbException(InfluxDbFailure.Unavailable, "A part of the answer is too long.");
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public void Dispose() => _reader.Complete();

    private byte[] TakeLast(ReadOnlySequence<byte> rest)
    {
        var line = rest.ToArray();
        _reader.AdvanceTo(rest.End);
        return line;
    }
}
