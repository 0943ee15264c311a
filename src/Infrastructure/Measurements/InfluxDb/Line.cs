using System.Globalization;
using System.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// One line of what <see cref="LineProtocol"/> wrote, taken apart again to find out which of many lines InfluxDB refused.
/// Reads that form alone, not line protocol at large.
/// </summary>
internal sealed class Line
{
    private Line(ReadOnlyMemory<byte> bytes, string measurement, Timestamp timestamp, IReadOnlyList<(string Name, FieldType Type)> fields) =>
        (Bytes, Measurement, Timestamp, Fields) = (bytes, measurement, timestamp, fields);

    /// <summary>The line with its end.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public string Measurement { get; }

    public Timestamp Timestamp { get; }

    /// <summary>Fields by their names in InfluxDB.</summary>
    public IReadOnlyList<(string Name, FieldType Type)> Fields { get; }

    /// <summary>Takes a text apart into its lines; a line's end inside of a quoted text does not count.</summary>
    /// <exception cref="InvalidDataException">The text is not what <see cref="LineProtocol"/> writes.</exception>
    public static IReadOnlyList<Line> Split(ReadOnlyMemory<byte> text)
    {
        var lines = new List<Line>();
        try
        {
            while (!text.IsEmpty)
            {
                var line = Read(text);
                lines.Add(line);
                text = text[line.Bytes.Length..];
            }
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or ArgumentOutOfRangeException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"Line {lines.Count + 1} is not whole.", exception);
        }

        return lines;
    }

    private static Line Read(ReadOnlyMemory<byte> text)
    {
        var span = text.Span;
        var keyEnd = FindUnescaped(span, ' ', ' ');
        var measurement = Unescape(span[..FindUnescaped(span, ',', ' ')]);
        var at = keyEnd + 1;
        var fields = new List<(string, FieldType)>();
        while (true)
        {
            var nameEnd = at + FindUnescaped(span[at..], '=', '=');
            fields.Add((Unescape(span[at..nameEnd]), TypeOf(span[nameEnd + 1])));
            at = EndOfValue(span, nameEnd + 1);
            if (span[at++] != ',')
                break;
        }

        var end = at + span[at..].IndexOf((byte)'\n');
        var nanoseconds = long.Parse(span[at..end], CultureInfo.InvariantCulture);
        return new Line(text[..(end + 1)], measurement, new Timestamp(nanoseconds), fields);
    }

    private static int FindUnescaped(ReadOnlySpan<byte> text, char one, char other)
    {
        var at = 0;
        while (text[at] != one && text[at] != other)
            at += text[at] == '\\' && at + 1 < text.Length ? 2 : 1;
        return at;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] == '"')
        {
            for (at++; text[at] != '"'; at++)
                at += text[at] == '\\' ? 1 : 0;
            return at + 1;
        }

        var length = text[at..].IndexOfAny((byte)',', (byte)' ');
        return length < 0 ? throw new FormatException("A value has no end.") : at + length;
    }

    private static FieldType TypeOf(byte first) => (char)first switch
    {
        '"' => FieldType.Text,
        't' or 'f' => FieldType.Boolean,
        _ => FieldType.Number,
    };

    private static string Unescape(ReadOnlySpan<byte> text)
    {
        var plain = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is (byte)' ' or (byte)',' or (byte)'=' or (byte)'\\')
                i++;
            plain[length++] = text[i];
        }

        return Encoding.UTF8.GetString(plain, 0, length);
    }
}
