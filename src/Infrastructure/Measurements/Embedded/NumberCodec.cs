using System.Buffers.Binary;
using System.Numerics;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Doubles, bit-exact: as scaled decimals with a few exceptions, or as their bit patterns without the zero bits that all of them
/// end with (a 32-bit float has 29). Starts with a byte: the decimal exponent, or <see cref="PatternFlag"/> and the zero bits.
/// </summary>
internal static class NumberCodec
{
    public const int MaxBytes = 2 + (MaxExceptions * (1 + sizeof(long))) + IntegerCodec.MaxBytes;

    private const int PatternFlag = 0x80;
    private const int MaxExceptions = 12;
    private const int PointsAnException = 16;

    public static void Write(scoped ReadOnlySpan<long> bits, ref ChunkWriter writer)
    {
        Span<long> column = stackalloc long[ChunkCodec.MaxPoints];
        Span<int> exceptions = stackalloc int[Math.Min(MaxExceptions, bits.Length / PointsAnException)];
        column = column[..bits.Length];
        var exponent = DecimalScale.Find(bits, column, exceptions, out var exceptionCount);
        if (exponent < 0)
        {
            WritePatterns(bits, column, ref writer);
            return;
        }

        writer.WriteByte((byte)exponent);
        writer.WriteByte((byte)exceptionCount);
        foreach (var index in exceptions[..exceptionCount])
        {
            writer.WriteByte((byte)index);
            writer.WriteInt64(bits[index]);
        }

        IntegerCodec.Write(column, ref writer);
    }

    public static void Read(ref ChunkReader reader, scoped Span<long> bits)
    {
        var form = reader.ReadByte();
        if ((form & PatternFlag) != 0)
            ReadPatterns(ref reader, bits, form & ~PatternFlag);
        else
            ReadDecimals(ref reader, bits, form);
    }

    private static void WritePatterns(scoped ReadOnlySpan<long> bits, scoped Span<long> column, ref ChunkWriter writer)
    {
        long all = 0;
        foreach (var pattern in bits)
            all |= pattern;
        var zeros = Math.Min(BitOperations.TrailingZeroCount(all), 63);
        for (var i = 0; i < bits.Length; i++)
            column[i] = (long)((ulong)bits[i] >> zeros);
        writer.WriteByte((byte)(PatternFlag | zeros));
        IntegerCodec.Write(column, ref writer);
    }

    private static void ReadPatterns(ref ChunkReader reader, scoped Span<long> bits, int zeros)
    {
        if (zeros > 63)
            ChunkReader.Damaged<int>();
        IntegerCodec.Read(ref reader, bits);
        foreach (ref var pattern in bits)
            pattern <<= zeros;
    }

    private static void ReadDecimals(ref ChunkReader reader, scoped Span<long> bits, int exponent)
    {
        var exceptionCount = reader.ReadByte();
        if (exponent > DecimalScale.MaxExponent || exceptionCount > bits.Length)
            ChunkReader.Damaged<int>();
        var exceptions = reader.Take(exceptionCount * (1 + sizeof(long)));
        IntegerCodec.Read(ref reader, bits);
        DecimalScale.Restore(bits, exponent);
        for (; exceptions.Length > 0; exceptions = exceptions[(1 + sizeof(long))..])
        {
            if (exceptions[0] >= bits.Length)
                ChunkReader.Damaged<int>();
            bits[exceptions[0]] = BinaryPrimitives.ReadInt64LittleEndian(exceptions[1..]);
        }
    }
}
