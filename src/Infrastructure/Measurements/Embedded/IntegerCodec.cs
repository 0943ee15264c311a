namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// A column of integers as itself, its differences or the differences of those, whichever takes the fewest bytes, either packed
/// in blocks (<see cref="PackedBlocks"/>) or with runs of zero counted (<see cref="ZeroRuns"/>). All arithmetic wraps, so that
/// every column survives. Times, scaled decimals, bit patterns, booleans and indexes of texts are all written by it.
/// </summary>
internal static class IntegerCodec
{
    /// <summary>No column of <see cref="ChunkCodec.MaxPoints"/> takes more: 8 bytes a value and a few for each block.</summary>
    public const int MaxBytes = (ChunkCodec.MaxPoints * sizeof(long)) + 128;

    private const int MaxOrder = 2;
    private const int RunsFlag = 4;

    /// <summary>Writes the column. At most <see cref="ChunkCodec.MaxPoints"/> values.</summary>
    public static void Write(scoped ReadOnlySpan<long> values, ref ChunkWriter writer)
    {
        Span<long> columns = stackalloc long[(MaxOrder + 1) * ChunkCodec.MaxPoints];
        var best = 0;
        var fewest = int.MaxValue;
        for (var order = 0; order <= Math.Min(MaxOrder, values.Length - 1); order++)
        {
            var column = columns.Slice(order * ChunkCodec.MaxPoints, values.Length);
            if (order == 0)
                values.CopyTo(column);
            else
                Differentiate(columns.Slice((order - 1) * ChunkCodec.MaxPoints, values.Length), order, column);
            Consider(order, PackedBlocks.Length(column[order..]), ref best, ref fewest);
            Consider(order | RunsFlag, ZeroRuns.Length(column[order..]), ref best, ref fewest);
        }

        WriteForm(best, columns.Slice((best & ~RunsFlag) * ChunkCodec.MaxPoints, values.Length), ref writer);
    }

    /// <summary>Fills the span with the column that was written with as many values.</summary>
    public static void Read(ref ChunkReader reader, scoped Span<long> values)
    {
        var form = reader.ReadByte();
        var order = form & ~RunsFlag;
        if (order > Math.Min(MaxOrder, values.Length - 1))
            ChunkReader.Damaged<int>();
        for (var i = 0; i < order; i++)
            values[i] = reader.ReadZigZag();
        if ((form & RunsFlag) != 0)
            ZeroRuns.Read(ref reader, values[order..]);
        else
            PackedBlocks.Read(ref reader, values[order..]);
        for (; order > 0; order--)
            Integrate(values, order);
    }

    private static void WriteForm(int form, scoped ReadOnlySpan<long> column, ref ChunkWriter writer)
    {
        var order = form & ~RunsFlag;
        writer.WriteByte((byte)form);
        foreach (var seed in column[..order])
            writer.WriteZigZag(seed);
        if ((form & RunsFlag) != 0)
            ZeroRuns.Write(column[order..], ref writer);
        else
            PackedBlocks.Write(column[order..], ref writer);
    }

    // The seeds of an order are not counted: they cost about as much in every form that is worth choosing.
    private static void Consider(int form, int length, ref int best, ref int fewest)
    {
        if (length < fewest)
            (best, fewest) = (form, length);
    }

    private static void Differentiate(ReadOnlySpan<long> column, int order, Span<long> differences)
    {
        column[..order].CopyTo(differences);
        for (var i = order; i < column.Length; i++)
            differences[i] = column[i] - column[i - 1];
    }

    private static void Integrate(Span<long> column, int order)
    {
        var sum = column[order - 1];
        for (var i = order; i < column.Length; i++)
            column[i] = sum += column[i];
    }
}
