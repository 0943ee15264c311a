namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Integers that are mostly zero: zigzag variable-length, and a run of zeros as a zero and its length less one.
/// Made for a regular series with a gap here and there, and for values that seldom change.
/// </summary>
internal static class ZeroRuns
{
    /// <summary>Bytes that <see cref="Write"/> will take.</summary>
    public static int Length(ReadOnlySpan<long> values)
    {
        var length = 0;
        for (var i = 0; i < values.Length;)
        {
            var run = RunLength(values[i..]);
            length += run == 0 ? ZigZag.VarIntLength(ZigZag.Encode(values[i])) : 1 + ZigZag.VarIntLength((ulong)(run - 1));
            i += Math.Max(run, 1);
        }

        return length;
    }

    public static void Write(scoped ReadOnlySpan<long> values, ref ChunkWriter writer)
    {
        for (var i = 0; i < values.Length;)
        {
            var run = RunLength(values[i..]);
            writer.WriteZigZag(values[i]);
            if (run > 0)
                writer.WriteVarInt((ulong)(run - 1));
            i += Math.Max(run, 1);
        }
    }

    public static void Read(ref ChunkReader reader, scoped Span<long> values)
    {
        for (var i = 0; i < values.Length;)
        {
            var value = reader.ReadZigZag();
            if (value != 0)
            {
                values[i++] = value;
                continue;
            }

            var more = reader.ReadVarInt();
            if (more >= (ulong)(values.Length - i))
                ChunkReader.Damaged<int>();
            var run = (int)more + 1;
            values.Slice(i, run).Clear();
            i += run;
        }
    }

    private static int RunLength(ReadOnlySpan<long> values)
    {
        if (values[0] != 0)
            return 0;
        var run = values.IndexOfAnyExcept(0);
        return run < 0 ? values.Length : run;
    }
}
