using System.Buffers.Binary;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Appends bytes, fixed and variable-length integers to a span that is large enough for the worst case.</summary>
internal ref struct ChunkWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _destination[..Position];

    public void WriteByte(byte value) => _destination[Position++] = value;

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[Position..], value);
        Position += sizeof(uint);
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_destination[Position..], value);
        Position += sizeof(long);
    }

    /// <summary>Seven bits a byte, the lowest first.</summary>
    public void WriteVarInt(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    public void WriteZigZag(long value) => WriteVarInt(ZigZag.Encode(value));

    /// <summary>The next bytes, for the caller to fill; they count as written.</summary>
    public Span<byte> Reserve(int length)
    {
        var reserved = _destination.Slice(Position, length);
        Position += length;
        return reserved;
    }
}
