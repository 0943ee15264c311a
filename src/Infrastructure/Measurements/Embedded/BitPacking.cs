using System.Buffers.Binary;
using System.Numerics;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Integers side by side in as many bits as the largest distance from the least of them needs.</summary>
internal static class BitPacking
{
    public const int MaxWidth = 64;

    // Up to here one load of eight bytes holds a value wherever its first bit lies in a byte.
    private const int WidestInOneLoad = 57;

    public static bool IsWidth(int width) => width is >= 0 and <= WidestInOneLoad or MaxWidth;

    /// <summary>Bits that values between the two need, as unsigned distances from the least.</summary>
    public static int Width(long least, long greatest)
    {
        var width = 64 - BitOperations.LeadingZeroCount((ulong)(greatest - least));
        return width > WidestInOneLoad ? MaxWidth : width;
    }

    /// <summary>Bytes that so many values take.</summary>
    public static int Length(int count, int width) => ((count * width) + 7) / 8;

    public static void Pack(ReadOnlySpan<long> values, long least, int width, Span<byte> destination)
    {
        if (width == 0)
            return;
        ulong pending = 0;
        int filled = 0, position = 0;
        foreach (var value in values)
        {
            var distance = (ulong)(value - least);
            pending |= distance << filled;
            filled += width;
            if (filled < 64)
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(destination[position..], pending);
            position += sizeof(ulong);
            filled -= 64;
            pending = filled == 0 ? 0 : distance >> (width - filled);
        }

        for (; filled > 0; filled -= 8, pending >>= 8)
            destination[position++] = (byte)pending;
    }

    /// <param name="data">At least eight bytes, with all the packed bits inside.</param>
    /// <param name="bit">The position of the first packed bit; a multiple of eight.</param>
    public static void Unpack(ReadOnlySpan<byte> data, int bit, Span<long> values, long least, int width)
    {
        if (width == 0)
        {
            values.Fill(least);
            return;
        }

        var mask = ulong.MaxValue >> (64 - width);
        var lastLoad = data.Length - sizeof(ulong);
        for (var i = 0; i < values.Length; i++, bit += width)
        {
            // Near the end, the last eight bytes hold the value: the shift grows instead of reading beyond them.
            var start = Math.Min(bit >> 3, lastLoad);
            var word = BinaryPrimitives.ReadUInt64LittleEndian(data[start..]);
            values[i] = (long)((word >> (bit - (start * 8))) & mask) + least;
        }
    }
}
