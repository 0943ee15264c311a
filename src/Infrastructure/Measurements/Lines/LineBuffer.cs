using System.Buffers;

namespace IotBackend.Infrastructure.Measurements.Lines;

/// <summary>Grows in pooled memory; who made it disposes it, and nobody keeps a slice of it beyond that. Not safe for concurrent use.</summary>
internal sealed class LineBuffer(int capacity = 256) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Append(byte value)
    {
        if (Length == _bytes.Length)
            Grow(1);
        _bytes[Length++] = value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>At least so many bytes to write into; <see cref="Advance"/> tells how many were.</summary>
    public Span<byte> Room(int wanted)
    {
        if (_bytes.Length - Length < wanted)
            Grow(wanted);
        return _bytes.AsSpan(Length);
    }

    public void Advance(int written) => Length += written;

    /// <summary>Forgets what was written and keeps the room.</summary>
    public void Clear() => Length = 0;

    public void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, Length) = ([], 0);
    }

    private void Grow(int wanted)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + wanted));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
