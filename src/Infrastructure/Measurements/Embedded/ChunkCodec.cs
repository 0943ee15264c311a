using System.Buffers;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Points of one series as one blob, bit-exact. Layout: format and field type (a byte), number of points less one (a byte), times
/// (<see cref="TimeCodec"/>), values (<see cref="NumberCodec"/>, <see cref="TextCodec"/>, or <see cref="IntegerCodec"/> for
/// booleans), checksum (<see cref="ChunkChecksum"/>).
/// </summary>
internal static class ChunkCodec
{
    /// <summary>Points of a chunk at most.</summary>
    public const int MaxPoints = 256;

    /// <summary>Bytes of a chunk at most, unless a single text is larger.</summary>
    public const int MaxBytes = 4000;

    private const int Format = 1;
    private const int HeaderLength = 2;
    private const int ShortestChunk = HeaderLength + sizeof(long) + ChunkChecksum.Length;
    private const int FrameBytes = HeaderLength + TimeCodec.MaxBytes + ChunkChecksum.Length;

    /// <summary>Encodes as many leading points as fit into one chunk and returns how many.</summary>
    /// <param name="type">What the values are.</param>
    /// <param name="times">Nanoseconds since 1970, strictly ascending.</param>
    /// <param name="bits">Bits of a double, or 0 and 1; ignored for texts.</param>
    /// <param name="texts">Only for <see cref="FieldType.Text"/>; well-formed UTF-16.</param>
    /// <param name="destination">Gets the chunk; nothing when there are no points.</param>
    public static int Encode(
        FieldType type, ReadOnlySpan<long> times, ReadOnlySpan<long> bits, ReadOnlySpan<string> texts, IBufferWriter<byte> destination)
    {
        var count = Math.Min(times.Length, MaxPoints);
        if (count == 0)
            return 0;
        var room = FrameBytes + (type == FieldType.Text ? TextCodec.Measure(texts[..count], out count) : NumberCodec.MaxBytes);
        var buffer = destination.GetSpan(room);
        while (true)
        {
            var length = Write(type, times[..count], bits, texts, buffer);
            if (length <= MaxBytes || count == 1)
            {
                destination.Advance(length);
                return count;
            }

            count = Math.Clamp(count * MaxBytes / length, 1, count - 1);
        }
    }

    /// <summary>Appends the points of a chunk.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, of another type, or of a format not known here.</exception>
    public static void Decode(FieldType type, ReadOnlySpan<byte> data, PointColumns into)
    {
        if (data.Length < ShortestChunk || !ChunkChecksum.Holds(data))
            throw new InvalidDataException("The chunk is damaged: its checksum does not hold.");
        var reader = new ChunkReader(data, data.Length - ChunkChecksum.Length);
        if (reader.ReadByte() != Header(type))
            throw new InvalidDataException("The chunk has another field type, or a format that this version does not know.");
        var count = reader.ReadByte() + 1;
        into.EnsureRoom(count);
        TimeCodec.Read(ref reader, into.Times.AsSpan(into.Count, count));
        ReadValues(type, ref reader, into, count);
        if (!reader.IsAtEnd)
            ChunkReader.Damaged<int>();
        into.Count += count;
    }

    private static int Write(
        FieldType type, ReadOnlySpan<long> times, ReadOnlySpan<long> bits, ReadOnlySpan<string> texts, Span<byte> buffer)
    {
        var writer = new ChunkWriter(buffer);
        writer.WriteByte(Header(type));
        writer.WriteByte((byte)(times.Length - 1));
        TimeCodec.Write(times, ref writer);
        if (type == FieldType.Text)
            TextCodec.Write(texts[..times.Length], ref writer);
        else if (type == FieldType.Boolean)
            IntegerCodec.Write(bits[..times.Length], ref writer);
        else
            NumberCodec.Write(bits[..times.Length], ref writer);
        writer.WriteUInt32(ChunkChecksum.Of(writer.Written));
        return writer.Position;
    }

    private static void ReadValues(FieldType type, ref ChunkReader reader, PointColumns into, int count)
    {
        var bits = into.Bits.AsSpan(into.Count, count);
        if (type == FieldType.Text)
        {
            into.EnsureTexts();
            TextCodec.Read(ref reader, into.Texts.AsSpan(into.Count, count), bits);
        }
        else if (type == FieldType.Boolean)
        {
            IntegerCodec.Read(ref reader, bits);
        }
        else
        {
            NumberCodec.Read(ref reader, bits);
        }
    }

    private static byte Header(FieldType type) => (byte)((Format << 4) | (int)type);
}
