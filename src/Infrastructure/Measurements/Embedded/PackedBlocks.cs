namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Integers packed in blocks of 64, each with its own least value and width, so that one spike widens a quarter of a chunk only.
/// A block: its width (a byte), its least value (zigzag), its packed distances.
/// </summary>
internal static class PackedBlocks
{
    private const int BlockSize = 64;

    /// <summary>Bytes that <see cref="Write"/> will take.</summary>
    public static int Length(ReadOnlySpan<long> values)
    {
        var length = 0;
        for (var start = 0; start < values.Length; start += BlockSize)
        {
            var block = Block(values, start);
            var (least, greatest) = Bounds(block);
            length += 1 + ZigZag.VarIntLength(ZigZag.Encode(least)) + BitPacking.Length(block.Length, BitPacking.Width(least, greatest));
        }

        return length;
    }

    public static void Write(scoped ReadOnlySpan<long> values, ref ChunkWriter writer)
    {
        for (var start = 0; start < values.Length; start += BlockSize)
        {
            var block = Block(values, start);
            var (least, greatest) = Bounds(block);
            var width = BitPacking.Width(least, greatest);
            writer.WriteByte((byte)width);
            writer.WriteZigZag(least);
            BitPacking.Pack(block, least, width, writer.Reserve(BitPacking.Length(block.Length, width)));
        }
    }

    public static void Read(ref ChunkReader reader, scoped Span<long> values)
    {
        for (var start = 0; start < values.Length; start += BlockSize)
        {
            var width = reader.ReadByte();
            if (!BitPacking.IsWidth(width))
                ChunkReader.Damaged<int>();
            var least = reader.ReadZigZag();
            reader.ReadPacked(values.Slice(start, Math.Min(BlockSize, values.Length - start)), least, width);
        }
    }

    private static ReadOnlySpan<long> Block(ReadOnlySpan<long> values, int start) =>
        values.Slice(start, Math.Min(BlockSize, values.Length - start));

    private static (long Least, long Greatest) Bounds(ReadOnlySpan<long> block)
    {
        long least = block[0], greatest = block[0];
        foreach (var value in block)
        {
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        return (least, greatest);
    }
}
