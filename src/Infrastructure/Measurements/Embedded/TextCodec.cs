using System.Text;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Texts as a dictionary in order of appearance (count less one, then length and UTF-8 of each) and a column of indexes.</summary>
internal static class TextCodec
{
    // Twice the points, so that a free slot is near; a power of two, so that a mask finds it.
    private const int Slots = 2 * ChunkCodec.MaxPoints;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>An upper bound of what the texts take: of the leading ones that are worth trying, which it counts.</summary>
    public static int Measure(ReadOnlySpan<string> texts, out int count)
    {
        Span<long> indexes = stackalloc long[ChunkCodec.MaxPoints];
        Span<int> distinct = stackalloc int[ChunkCodec.MaxPoints];
        var distinctCount = Index(texts, indexes, distinct);
        count = texts.Length;
        var length = 1 + IntegerCodec.MaxBytes;
        var dictionary = 0;
        foreach (var position in distinct[..distinctCount])
        {
            var bytes = StrictUtf8.GetByteCount(texts[position]);
            dictionary += bytes;
            if (dictionary > ChunkCodec.MaxBytes && position > 0)
            {
                count = position;
                break;
            }

            length += bytes + ZigZag.VarIntLength((ulong)bytes);
        }

        return length;
    }

    public static void Write(scoped ReadOnlySpan<string> texts, ref ChunkWriter writer)
    {
        Span<long> indexes = stackalloc long[ChunkCodec.MaxPoints];
        Span<int> distinct = stackalloc int[ChunkCodec.MaxPoints];
        var distinctCount = Index(texts, indexes, distinct);
        writer.WriteByte((byte)(distinctCount - 1));
        foreach (var position in distinct[..distinctCount])
        {
            var length = StrictUtf8.GetByteCount(texts[position]);
            writer.WriteVarInt((ulong)length);
            StrictUtf8.GetBytes(texts[position], writer.Reserve(length));
        }

        IntegerCodec.Write(indexes[..texts.Length], ref writer);
    }

    /// <summary>Equal texts become the same object. The indexes are read into a column of the same length first.</summary>
    public static void Read(ref ChunkReader reader, Span<string> texts, Span<long> indexes)
    {
        var dictionary = new string[reader.ReadByte() + 1];
        foreach (ref var text in dictionary.AsSpan())
            text = ReadText(ref reader);
        IntegerCodec.Read(ref reader, indexes);
        for (var i = 0; i < texts.Length; i++)
        {
            if ((ulong)indexes[i] >= (ulong)dictionary.Length)
                ChunkReader.Damaged<int>();
            texts[i] = dictionary[indexes[i]];
        }

        indexes.Clear();
    }

    private static string ReadText(ref ChunkReader reader)
    {
        var bytes = reader.Take((int)Math.Min(reader.ReadVarInt(), int.MaxValue));
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return ChunkReader.Damaged<string>();
        }
    }

    private static int Index(ReadOnlySpan<string> texts, Span<long> indexes, Span<int> distinct)
    {
        Span<short> slots = stackalloc short[Slots];
        slots.Clear();
        var count = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            if (i > 0 && string.Equals(texts[i], texts[i - 1], StringComparison.Ordinal))
            {
                indexes[i] = indexes[i - 1];
                continue;
            }

            ref var slot = ref FindSlot(slots, texts, distinct, texts[i]);
            if (slot == 0)
            {
                distinct[count] = i;
                slot = (short)++count;
            }

            indexes[i] = slot - 1;
        }

        return count;
    }

    /// <summary>The slot that holds the text's index plus one, or the free one (0) where it belongs.</summary>
    private static ref short FindSlot(Span<short> slots, ReadOnlySpan<string> texts, ReadOnlySpan<int> distinct, string text)
    {
        var start = string.GetHashCode(text, StringComparison.Ordinal) & (Slots - 1);
        while (slots[start] != 0 && !string.Equals(texts[distinct[slots[start] - 1]], text, StringComparison.Ordinal))
            start = (start + 1) & (Slots - 1);
        return ref slots[start];
    }
}
