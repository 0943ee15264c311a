using System.Numerics;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Signed integers as unsigned ones that are small when the magnitude is small.</summary>
internal static class ZigZag
{
    public static ulong Encode(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long Decode(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Bytes of the variable-length form: one for each seven bits begun.</summary>
    public static int VarIntLength(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;
}
