using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <summary>
/// Measurements of one bucket, packed for the log of recent events and for other nodes. A version (a byte), the bucket, then each measurement:
/// its key, its time (8 bytes), the number of its fields and each of these: name, type (a byte), value. Texts come after their length; lengths and
/// numbers of things are variable-length integers, everything is little-endian.
/// </summary>
internal static class LivePacket
{
    public const byte Version = 1;

    /// <summary>A batch is cut into packets that are not much larger.</summary>
    public const int TargetBytes = 64 << 10;

    private const int MaxVarInt = 5;

    /// <summary>Packs the rows that are not rejected; each packet comes with the number of its measurements.</summary>
    public static void Pack(BucketName bucket, MeasurementBatch batch, Action<byte[], int> packed)
    {
        var output = new ArrayBufferWriter<byte>(256);
        var count = 0;
        foreach (ref readonly var row in batch.Rows)
        {
            if (row.IsRejected)
                continue;
            if (count == 0)
                Begin(output, bucket);
            Write(output, batch, row);
            count++;
            if (output.WrittenCount < TargetBytes)
                continue;
            packed(output.WrittenSpan.ToArray(), count);
            output.ResetWrittenCount();
            count = 0;
        }

        if (count > 0)
            packed(output.WrittenSpan.ToArray(), count);
    }

    /// <summary>Measurements in a packet; 0 for one that is not understood.</summary>
    public static int Count(ReadOnlySpan<byte> packet)
    {
        var reader = new LivePacketReader(packet);
        var count = 0;
        while (reader.Next())
            count++;
        return reader.IsDamaged ? 0 : count;
    }

    private static void Begin(ArrayBufferWriter<byte> output, BucketName bucket)
    {
        output.Write([Version]);
        WriteText(output, Encoding.UTF8.GetBytes(bucket.Value));
    }

    private static void Write(ArrayBufferWriter<byte> output, MeasurementBatch batch, in MeasurementRow row)
    {
        WriteText(output, batch.Key(row));
        WriteInt64(output, row.Timestamp.Nanoseconds);
        var cells = batch.Fields(row);
        WriteVarInt(output, cells.Length);
        Span<int> order = stackalloc int[cells.Length];
        Sort(batch, cells, order);
        foreach (var index in order)
            WriteField(output, batch, cells[index]);
    }

    // As measurements are read back: by their names' bytes. They are few, and mostly in order already.
    private static void Sort(MeasurementBatch batch, ReadOnlySpan<FieldCell> cells, Span<int> order)
    {
        for (var i = 0; i < order.Length; i++)
        {
            var at = i;
            for (; at > 0 && batch.FieldName(cells[order[at - 1]]).SequenceCompareTo(batch.FieldName(cells[i])) > 0; at--)
                order[at] = order[at - 1];
            order[at] = i;
        }
    }

    private static void WriteField(ArrayBufferWriter<byte> output, MeasurementBatch batch, in FieldCell cell)
    {
        WriteText(output, batch.FieldName(cell));
        output.Write([(byte)cell.Type]);
        if (cell.Type == FieldType.Text)
            WriteText(output, batch.Text(cell));
        else if (cell.Type == FieldType.Boolean)
            output.Write([(byte)cell.Bits]);
        else
            WriteInt64(output, cell.Bits);
    }

    private static void WriteText(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        WriteVarInt(output, text.Length);
        output.Write(text);
    }

    private static void WriteInt64(ArrayBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    private static void WriteVarInt(ArrayBufferWriter<byte> output, int value)
    {
        var span = output.GetSpan(MaxVarInt);
        var length = 0;
        for (var rest = (uint)value; ; rest >>= 7)
        {
            span[length++] = rest < 0x80 ? (byte)rest : (byte)(rest | 0x80);
            if (rest < 0x80)
                break;
        }

        output.Advance(length);
    }
}
