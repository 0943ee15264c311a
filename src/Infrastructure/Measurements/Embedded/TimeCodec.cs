namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Strictly ascending times: the first as it is, then the distances from it, divided by the largest power of ten that all share.
/// Nanoseconds that a device sent as milliseconds cost what milliseconds cost.
/// </summary>
internal static class TimeCodec
{
    public const int MaxBytes = sizeof(long) + 1 + IntegerCodec.MaxBytes;

    private const int MaxExponent = 19;

    private static readonly ulong[] PowersOfTen = MakePowersOfTen();

    public static void Write(scoped ReadOnlySpan<long> times, ref ChunkWriter writer)
    {
        Span<long> distances = stackalloc long[ChunkCodec.MaxPoints];
        distances = distances[..times.Length];
        var exponent = CommonExponent(times);
        var unit = PowersOfTen[exponent];
        for (var i = 0; i < times.Length; i++)
            distances[i] = (long)((ulong)(times[i] - times[0]) / unit);
        writer.WriteInt64(times[0]);
        writer.WriteByte((byte)exponent);
        IntegerCodec.Write(distances, ref writer);
    }

    public static void Read(ref ChunkReader reader, scoped Span<long> times)
    {
        var first = reader.ReadInt64();
        var exponent = reader.ReadByte();
        if (exponent > MaxExponent)
            ChunkReader.Damaged<int>();
        var unit = (long)PowersOfTen[exponent];
        IntegerCodec.Read(ref reader, times);
        for (var i = 0; i < times.Length; i++)
            times[i] = first + (times[i] * unit);
    }

    // Equal steps share a unit with the step before: regular series are divided once, not at every point.
    private static int CommonExponent(ReadOnlySpan<long> times)
    {
        var exponent = MaxExponent;
        ulong step = 0;
        for (var i = 1; i < times.Length && exponent > 0; i++)
        {
            var next = (ulong)(times[i] - times[i - 1]);
            if (next == step)
                continue;
            step = next;
            while (step % PowersOfTen[exponent] != 0)
                exponent--;
        }

        return times.Length == 1 ? 0 : exponent;
    }

    private static ulong[] MakePowersOfTen()
    {
        var powers = new ulong[MaxExponent + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
