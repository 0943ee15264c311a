using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Reads what <see cref="ChunkWriter"/> wrote. Whatever does not fit ends in <see cref="InvalidDataException"/>.</summary>
/// <param name="data">The whole chunk; at least eight bytes.</param>
/// <param name="end">Where the payload ends; packed bits may be loaded, but never used, beyond it.</param>
internal ref struct ChunkReader(ReadOnlySpan<byte> data, int end)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public readonly bool IsAtEnd => _position == end;

    public byte ReadByte() => Take(1)[0];

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public ulong ReadVarInt()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        return Damaged<ulong>();
    }

    public long ReadZigZag() => ZigZag.Decode(ReadVarInt());

    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)(end - _position))
            Damaged<int>();
        var taken = _data.Slice(_position, length);
        _position += length;
        return taken;
    }

    /// <summary>Takes as many bytes as packed values of a width need, and adds <paramref name="least"/> to each of them.</summary>
    public void ReadPacked(scoped Span<long> values, long least, int width)
    {
        var bit = _position * 8;
        Take(BitPacking.Length(values.Length, width));
        BitPacking.Unpack(_data, bit, values, least, width);
    }

    [DoesNotReturn]
    public static T Damaged<T>() => throw new InvalidDataException("The chunk is damaged.");
}
