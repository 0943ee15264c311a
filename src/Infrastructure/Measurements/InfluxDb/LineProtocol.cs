using System.Buffers;
using System.Buffers.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Writes measurements as line protocol, from the batch's UTF-8 into a buffer without an object in between: the device is the tag
/// <c>device</c>, every number a float, the time in nanoseconds. The one place that escapes for line protocol.
/// Source: docs.influxdata.com, "Line protocol" of 1.x, 2.x and 3.x.
/// </summary>
internal static class LineProtocol
{
    private const byte Substitute = (byte)TagValue.Substitute;

    private static readonly SearchValues<byte> Special = SearchValues.Create(", =\\"u8);
    private static readonly SearchValues<byte> Quoted = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> AmbiguousAfterBackslash = SearchValues.Create(",= \\\"nrt"u8);

    /// <summary>Appends one line with its end.</summary>
    public static void Write(MeasurementBatch batch, in MeasurementRow row, LineBuffer output)
    {
        WriteEscaped(batch.Name(row), output);
        WriteTags(batch, row, output);
        var separator = (byte)' ';
        foreach (ref readonly var cell in batch.Fields(row))
        {
            output.Append(separator);
            WriteKey(batch.FieldName(cell), output);
            output.Append((byte)'=');
            WriteValue(batch, cell, output);
            separator = (byte)',';
        }

        output.Append((byte)' ');
        WriteNumber(row.Timestamp.Nanoseconds, output);
        output.Append((byte)'\n');
    }

    // In the order of their keys, as InfluxDB has them, so that it need not sort.
    private static void WriteTags(MeasurementBatch batch, in MeasurementRow row, LineBuffer output)
    {
        var rest = batch.Key(row)[(row.DeviceLength + 1 + row.NameLength)..];
        var isDeviceWritten = false;
        while (!rest.IsEmpty)
        {
            var key = Next(ref rest);
            var value = Next(ref rest);
            if (!isDeviceWritten && key.SequenceCompareTo("device"u8) >= 0)
                isDeviceWritten = WriteTag("device"u8, batch.Device(row), output);
            output.Append((byte)',');
            WriteKey(key, output);
            output.Append((byte)'=');
            WriteTagValue(value, output);
        }

        if (!isDeviceWritten)
            WriteTag("device"u8, batch.Device(row), output);
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        rest = rest[1..];
        var end = rest.IndexOf(MeasurementKey.Separator);
        var part = end < 0 ? rest : rest[..end];
        rest = rest[part.Length..];
        return part;
    }

    private static bool WriteTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, LineBuffer output)
    {
        output.Append((byte)',');
        output.Append(key);
        output.Append((byte)'=');
        WriteTagValue(value, output);
        return true;
    }

    private static void WriteKey(ReadOnlySpan<byte> key, LineBuffer output)
    {
        if (Keys.IsReserved(key))
            output.Append("__"u8);
        WriteEscaped(key, output);
    }

    private static void WriteEscaped(ReadOnlySpan<byte> text, LineBuffer output)
    {
        for (var special = text.IndexOfAny(Special); special >= 0; special = text.IndexOfAny(Special))
        {
            output.Append(text[..special]);
            output.Append((byte)'\\');
            output.Append(text[special]);
            text = text[(special + 1)..];
        }

        output.Append(text);
    }

    private static void WriteTagValue(ReadOnlySpan<byte> value, LineBuffer output)
    {
        for (var special = value.IndexOfAny(Special); special >= 0; special = value.IndexOfAny(Special))
        {
            output.Append(value[..special]);
            var found = value[special];
            value = value[(special + 1)..];
            if (found != '\\')
                output.Append((byte)'\\');
            var isAmbiguous = found == '\\' && (value.IsEmpty || AmbiguousAfterBackslash.Contains(value[0]));
            output.Append(isAmbiguous ? Substitute : found);
        }

        output.Append(value);
    }

    private static void WriteValue(MeasurementBatch batch, in FieldCell cell, LineBuffer output)
    {
        switch (cell.Type)
        {
            case FieldType.Boolean:
                output.Append(cell.Bits != 0 ? "true"u8 : "false"u8);
                break;
            case FieldType.Text:
                WriteText(batch.Text(cell), output);
                break;
            default:
                WriteNumber(BitConverter.Int64BitsToDouble(cell.Bits), output);
                break;
        }
    }

    private static void WriteText(ReadOnlySpan<byte> text, LineBuffer output)
    {
        output.Append((byte)'"');
        for (var special = text.IndexOfAny(Quoted); special >= 0; special = text.IndexOfAny(Quoted))
        {
            output.Append(text[..special]);
            output.Append((byte)'\\');
            output.Append(text[special]);
            text = text[(special + 1)..];
        }

        output.Append(text);
        output.Append((byte)'"');
    }

    private static void WriteNumber(double number, LineBuffer output)
    {
        // The shortest text that reads back as the same bits.
        number.TryFormat(output.Room(32), out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    private static void WriteNumber(long number, LineBuffer output)
    {
        Utf8Formatter.TryFormat(number, output.Room(20), out var length);
        output.Advance(length);
    }
}
