using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// What one commit did, packed: kind (a byte), content, CRC-32. Points: count, the time of receipt, then for each the differences of series and
/// time to the point before and the value. Deletion: from, to, count, differences of the series' ids.
/// </summary>
internal static class InboxRecord
{
    // As the first two formats of the file had them, without a time of receipt.
    private const byte UntimedPointsKind = 1;
    private const byte DeletionKind = 2;
    private const byte PointsKind = 3;
    private const int ChecksumLength = sizeof(uint);
    private const int MaxVarInt = 10;

    /// <param name="points">Points in the order in which they came.</param>
    /// <param name="received">When they came, in nanoseconds.</param>
    /// <param name="output">Is emptied first.</param>
    public static void WritePoints(ReadOnlySpan<GroupPoint> points, long received, ArrayBufferWriter<byte> output)
    {
        Start(PointsKind, points.Length, output);
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), received);
        output.Advance(sizeof(long));
        var (id, time) = (0L, 0L);
        foreach (ref readonly var point in points)
        {
            var textBytes = point.Text is null ? 0 : Encoding.UTF8.GetByteCount(point.Text);
            var span = output.GetSpan((3 * MaxVarInt) + sizeof(long) + textBytes);
            var length = WriteVarInt(span, ZigZag.Encode(point.Series.Id - id));
            length += WriteVarInt(span[length..], ZigZag.Encode(unchecked(point.Time - time)));
            length += WriteValue(span[length..], point, textBytes);
            output.Advance(length);
            (id, time) = (point.Series.Id, point.Time);
        }

        Finish(output);
    }

    public static void WriteDeletion(IReadOnlyList<Series> series, TimeRange range, ArrayBufferWriter<byte> output)
    {
        Start(DeletionKind, series.Count, output);
        var span = output.GetSpan(2 * sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(span, range.From.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(span[sizeof(long)..], range.To.Nanoseconds);
        output.Advance(2 * sizeof(long));
        var id = 0L;
        foreach (var one in series)
        {
            output.Advance(WriteVarInt(output.GetSpan(MaxVarInt), ZigZag.Encode(one.Id - id)));
            id = one.Id;
        }

        Finish(output);
    }

    /// <summary>Tells what a record did, in its order; returns when its points came, in nanoseconds, and null when that is not known.</summary>
    /// <exception cref="InvalidDataException">The record is damaged.</exception>
    public static long? Read(ReadOnlySpan<byte> record, Catalog catalog, Action<GroupPoint> point, Action<IReadOnlyList<Series>, TimeRange> deletion)
    {
        var content = record.Length > ChecksumLength ? record[..^ChecksumLength] : [];
        if (content.IsEmpty || Crc32.HashToUInt32(content) != BinaryPrimitives.ReadUInt32LittleEndian(record[^ChecksumLength..]))
            throw new InvalidDataException("A record of the inbox is damaged: its checksum does not hold.");
        var kind = content[0];
        content = content[1..];
        var count = (int)ReadVarInt(ref content);
        switch (kind)
        {
            case PointsKind:
                ReadPoints(content[sizeof(long)..], count, catalog, point);
                return BinaryPrimitives.ReadInt64LittleEndian(content);
            case UntimedPointsKind:
                ReadPoints(content, count, catalog, point);
                return null;
            case DeletionKind:
                ReadDeletion(content, count, catalog, deletion);
                return null;
            default:
                throw new InvalidDataException($"A record of the inbox is of a kind {kind} that is not known here.");
        }
    }

    private static void ReadPoints(ReadOnlySpan<byte> content, int count, Catalog catalog, Action<GroupPoint> point)
    {
        var (id, time) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            id += ZigZag.Decode(ReadVarInt(ref content));
            time = unchecked(time + ZigZag.Decode(ReadVarInt(ref content)));
            point(ReadValue(ref content, Known(catalog, id), time));
        }
    }

    private static void ReadDeletion(ReadOnlySpan<byte> content, int count, Catalog catalog, Action<IReadOnlyList<Series>, TimeRange> deletion)
    {
        var from = BinaryPrimitives.ReadInt64LittleEndian(content);
        var to = BinaryPrimitives.ReadInt64LittleEndian(content[sizeof(long)..]);
        content = content[(2 * sizeof(long))..];
        var series = new Series[count];
        var id = 0L;
        for (var i = 0; i < count; i++)
        {
            id += ZigZag.Decode(ReadVarInt(ref content));
            series[i] = Known(catalog, id);
        }

        deletion(series, new TimeRange(new Timestamp(from), new Timestamp(to)));
    }

    private static Series Known(Catalog catalog, long id) =>
        catalog.FindSeries((int)id) ?? throw new InvalidDataException($"A record of the inbox names the series {id}, which does not exist.");

    private static int WriteValue(Span<byte> span, in GroupPoint point, int textBytes)
    {
        if (point.Text is { } text)
        {
            var length = WriteVarInt(span, (ulong)textBytes);
            return length + Encoding.UTF8.GetBytes(text, span[length..]);
        }

        if (point.Series.Field.Type == FieldType.Boolean)
        {
            span[0] = (byte)point.Bits;
            return 1;
        }

        BinaryPrimitives.WriteInt64LittleEndian(span, point.Bits);
        return sizeof(long);
    }

    private static GroupPoint ReadValue(ref ReadOnlySpan<byte> content, Series series, long time)
    {
        long bits = 0;
        string? text = null;
        var length = sizeof(long);
        switch (series.Field.Type)
        {
            case FieldType.Text:
                length = (int)ReadVarInt(ref content);
                text = Encoding.UTF8.GetString(content[..length]);
                break;
            case FieldType.Boolean:
                length = 1;
                bits = content[0];
                break;
            default:
                bits = BinaryPrimitives.ReadInt64LittleEndian(content);
                break;
        }

        content = content[length..];
        return new GroupPoint(series, time, bits, text);
    }

    private static void Start(byte kind, int count, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        var span = output.GetSpan(1 + MaxVarInt);
        span[0] = kind;
        output.Advance(1 + WriteVarInt(span[1..], (ulong)count));
    }

    private static void Finish(ArrayBufferWriter<byte> output)
    {
        var checksum = Crc32.HashToUInt32(output.WrittenSpan);
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(ChecksumLength), checksum);
        output.Advance(ChecksumLength);
    }

    private static int WriteVarInt(Span<byte> span, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        return length;
    }

    private static ulong ReadVarInt(ref ReadOnlySpan<byte> content)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = content[0];
            content = content[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw new InvalidDataException("A record of the inbox is damaged: a number has no end.");
    }
}
