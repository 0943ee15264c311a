using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Lines;

/// <summary>
/// Reads back what <see cref="LineProtocol"/> wrote, bit by bit, into a batch. Reads that form alone, not line protocol at large: integers, for
/// example, were never written. Not safe for concurrent use.
/// </summary>
internal sealed class LineReader(MeasurementBatchWriter writer)
{
    private static readonly SearchValues<byte> EndsOfKeyPart = SearchValues.Create(", =\\"u8);
    private static readonly SearchValues<byte> Quoted = SearchValues.Create("\"\\"u8);

    private byte[] _scratch = new byte[1 << 10];

    /// <summary>Reads all lines; what a measurement may not be is a fault of the batch.</summary>
    /// <returns>Values that the lines hold.</returns>
    /// <exception cref="InvalidDataException">A line is not what <see cref="LineProtocol"/> writes.</exception>
    public long ReadAll(ReadOnlySpan<byte> lines)
    {
        var (values, count) = (0L, 0);
        try
        {
            while (!lines.IsEmpty)
            {
                count++;
                values += Read(ref lines);
            }
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or ArgumentOutOfRangeException or FormatException)
        {
            throw new InvalidDataException($"Line {count} is not whole.", exception);
        }

        return values;
    }

    private int Read(ref ReadOnlySpan<byte> line)
    {
        writer.Begin();
        writer.SetName(TakeKeyPart(ref line));
        while (line[0] == ',')
        {
            line = line[1..];
            ReadTag(ref line);
        }

        Expect(ref line, ' ');
        var fields = 0;
        do
        {
            if (fields++ > 0)
                line = line[1..];
            ReadField(ref line);
        }
        while (line[0] == ',');
        Expect(ref line, ' ');
        writer.SetTimestamp(TakeTime(ref line));
        writer.End();
        return fields;
    }

    private void ReadTag(ref ReadOnlySpan<byte> line)
    {
        // The key goes to the front of the scratch, the value behind it: both are needed at once.
        var key = TakeKeyPart(ref line);
        Expect(ref line, '=');
        if (key.SequenceEqual("device"u8))
        {
            writer.SetDevice(TakeTagValue(ref line));
            return;
        }

        Span<byte> copy = stackalloc byte[key.Length];
        key.CopyTo(copy);
        writer.AddTag(Decode(copy), TakeTagValue(ref line));
    }

    private void ReadField(ref ReadOnlySpan<byte> line)
    {
        var key = TakeKeyPart(ref line);
        Expect(ref line, '=');
        switch (line[0])
        {
            case (byte)'"':
                Span<byte> copy = stackalloc byte[key.Length];
                key.CopyTo(copy);
                writer.AddText(Decode(copy), TakeText(ref line));
                break;
            case (byte)'t' or (byte)'f':
                var isTrue = line[0] == 't';
                Expect(ref line, isTrue ? "true"u8 : "false"u8);
                writer.AddBoolean(Decode(key), isTrue);
                break;
            default:
                writer.AddNumber(Decode(key), TakeNumber(ref line));
                break;
        }
    }

    // Up to the next separator that no backslash stands before; the span lives until the next part is taken.
    private ReadOnlySpan<byte> TakeKeyPart(ref ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny(EndsOfKeyPart);
        if (end > Identifier.MaxLength * 8)
            throw new FormatException("A name is too long.");
        if (line[end] != '\\')
        {
            var plain = line[..end];
            line = line[end..];
            return plain;
        }

        var length = 0;
        while (line[0] is not ((byte)',' or (byte)' ' or (byte)'='))
        {
            if (line[0] == '\\')
                line = line[1..];
            Put(length++, line[0]);
            line = line[1..];
            if (length > Identifier.MaxLength * 8)
                throw new FormatException("A name is too long.");
        }

        return _scratch.AsSpan(0, length);
    }

    // A backslash before a comma, an equals sign or a space is none of the value; any other is, and where it would be read as the former the
    // substitute stands for it.
    private ReadOnlySpan<byte> TakeTagValue(ref ReadOnlySpan<byte> line)
    {
        var length = 0;
        while (line[0] is not ((byte)',' or (byte)' ' or (byte)'='))
        {
            if (line[0] == '\\' && line[1] is (byte)',' or (byte)' ' or (byte)'=')
                line = line[1..];
            Put(length++, line[0] == TagValue.Substitute ? (byte)'\\' : line[0]);
            line = line[1..];
        }

        return _scratch.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> TakeText(ref ReadOnlySpan<byte> line)
    {
        line = line[1..];
        var length = 0;
        while (true)
        {
            var special = line.IndexOfAny(Quoted);
            EnsureScratch(length + special + 1);
            line[..special].CopyTo(_scratch.AsSpan(length));
            length += special;
            if (line[special] == '"')
            {
                line = line[(special + 1)..];
                return _scratch.AsSpan(0, length);
            }

            _scratch[length++] = line[special + 1];
            line = line[(special + 2)..];
        }
    }

    private static double TakeNumber(ref ReadOnlySpan<byte> line)
    {
        var length = line.IndexOfAny((byte)',', (byte)' ');
        var number = double.Parse(line[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
        line = line[length..];
        return number;
    }

    private static Timestamp TakeTime(ref ReadOnlySpan<byte> line)
    {
        var length = line.IndexOf((byte)'\n');
        if (!Utf8Parser.TryParse(line[..length], out long nanoseconds, out var consumed) || consumed != length)
            throw new FormatException("A time is no whole number.");
        line = line[(length + 1)..];
        return new Timestamp(nanoseconds);
    }

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> key) => key.StartsWith("__"u8) ? key[2..] : key;

    private static void Expect(ref ReadOnlySpan<byte> line, char one)
    {
        if (line[0] != one)
            throw new FormatException($"'{one}' is missing.");
        line = line[1..];
    }

    private static void Expect(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> word)
    {
        if (!line.StartsWith(word))
            throw new FormatException($"'{Encoding.UTF8.GetString(word)}' is missing.");
        line = line[word.Length..];
    }

    private void Put(int at, byte value)
    {
        EnsureScratch(at + 1);
        _scratch[at] = value;
    }

    private void EnsureScratch(int length)
    {
        if (length > _scratch.Length)
            Array.Resize(ref _scratch, Math.Max(length, _scratch.Length * 2));
    }
}
