using System.Buffers;
using System.Buffers.Text;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Lines;

/// <summary>
/// Writes measurements as line protocol: the device is the tag <c>device</c>, every number a float, the time in nanoseconds. From a batch's
/// UTF-8 into a buffer without an object in between. The one place that escapes for line protocol.
/// Source: docs.influxdata.com, "Line protocol" of 1.x, 2.x and 3.x.
/// </summary>
internal static class LineProtocol
{
    private const byte Substitute = (byte)TagValue.Substitute;
    private const int MaxNameBytes = 4 * Identifier.MaxLength;

    private static readonly SearchValues<byte> Special = SearchValues.Create(", =\\"u8);
    private static readonly SearchValues<byte> Quoted = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> AmbiguousAfterBackslash = SearchValues.Create(",= \\\"nrt"u8);

    /// <summary>Appends one line with its end.</summary>
    public static void Write(MeasurementBatch batch, in MeasurementRow row, LineBuffer output)
    {
        WriteKey(batch.Key(row), batch.Device(row), batch.Name(row), output);
        var separator = (byte)' ';
        foreach (ref readonly var cell in batch.Fields(row))
        {
            output.Append(separator);
            WriteKey(batch.FieldName(cell), output);
            output.Append((byte)'=');
            WriteValue(batch, cell, output);
            separator = (byte)',';
        }

        WriteEnd(row.Timestamp, output);
    }

    /// <summary>Appends what all lines of a key begin with: its name and tags, the device among them.</summary>
    public static void WriteKey(MeasurementKey key, LineBuffer output)
    {
        var rest = key.Utf8.Span;
        var device = rest[..rest.IndexOf(MeasurementKey.Separator)];
        rest = rest[device.Length..];
        WriteKey(key.Utf8.Span, device, Next(ref rest), output);
    }

    /// <summary>Appends the rest of a line after its key: the fields and the time.</summary>
    public static void WriteFields(Measurement measurement, LineBuffer output)
    {
        Span<byte> name = stackalloc byte[MaxNameBytes];
        var separator = (byte)' ';
        foreach (var field in measurement.Fields)
        {
            output.Append(separator);
            WriteKey(name[..Encoding.UTF8.GetBytes(field.Name, name)], output);
            output.Append((byte)'=');
            WriteValue(field.Value, output);
            separator = (byte)',';
        }

        WriteEnd(measurement.Timestamp, output);
    }

    private static void WriteEnd(Timestamp timestamp, LineBuffer output)
    {
        output.Append((byte)' ');
        WriteNumber(timestamp.Nanoseconds, output);
        output.Append((byte)'\n');
    }

    // Tags in the order of their keys, as InfluxDB has them, so that it need not sort.
    private static void WriteKey(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> device, ReadOnlySpan<byte> name, LineBuffer output)
    {
        WriteEscaped(name, output);
        var rest = canonical[(device.Length + 1 + name.Length)..];
        var isDeviceWritten = false;
        while (!rest.IsEmpty)
        {
            var key = Next(ref rest);
            var value = Next(ref rest);
            if (!isDeviceWritten && key.SequenceCompareTo("device"u8) >= 0)
                isDeviceWritten = WriteTag("device"u8, device, output);
            output.Append((byte)',');
            WriteKey(key, output);
            output.Append((byte)'=');
            WriteTagValue(value, output);
        }

        if (!isDeviceWritten)
            WriteTag("device"u8, device, output);
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

    private static void WriteValue(FieldValue value, LineBuffer output)
    {
        switch (value.Type)
        {
            case FieldType.Boolean:
                output.Append(value.Boolean ? "true"u8 : "false"u8);
                break;
            case FieldType.Text:
                WriteText(Encoding.UTF8.GetBytes(value.Text), output);
                break;
            default:
                WriteNumber(value.Number, output);
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
