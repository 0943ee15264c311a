using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Domain.Measurements;

namespace IotBackend.UnitTests.Formats;

/// <summary>Line protocol by regular expressions: slow, and plain to see. What a measurement may be is asked of the same writer.</summary>
internal static partial class NaiveLines
{
    public static ParsedBatch Parse(string body)
    {
        using var batch = new MeasurementBatch(new Timestamp(ParsedBatch.ReceivedAt));
        var writer = new MeasurementBatchWriter(batch);
        for (var at = 0; at < body.Length;)
        {
            var nothing = Nothing().Match(body, at);
            if (nothing.Length > 0)
            {
                at += nothing.Length;
                continue;
            }

            writer.Begin(1 + body.AsSpan(0, at).Count('\n'));
            var line = Line().Match(body, at);
            if (line.Success)
                Write(line, writer);
            else
                writer.AddFault(string.Empty, ErrorCodes.InvalidLine, string.Empty);
            writer.End();
            at += (line.Success ? line : BrokenLine().Match(body, at)).Length;
        }

        return ParsedBatch.Of(batch);
    }

    [GeneratedRegex(@"\G[ \t]*(#[^\n]*)?(\n|\z)")]
    private static partial Regex Nothing();

    [GeneratedRegex(
        """
        \G(?>[ \t]*)
        (?<name>(?>(?:\\[,= ]|[^,= \n])+))
        (?:,(?<key>(?>(?:\\[,= ]|[^,= \n])*))=(?<value>(?>(?:\\[,= ]|[^,= \n])*)))*
        [ ]+
        (?<field>(?>(?:\\[,= ]|[^,= \n])+))=(?<content>"(?>(?:\\["\\]|[^"])*)"|[^",\ \n][^,\ \n]*)
        (?:,(?<field>(?>(?:\\[,= ]|[^,= \n])+))=(?<content>"(?>(?:\\["\\]|[^"])*)"|[^",\ \n][^,\ \n]*))*
        (?:[ ]+(?<time>-?[0-9]+))?
        [ ]*(?:\n|\z)
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Line();

    [GeneratedRegex("""\G[ \t]*(?>(?:\\[^\n]|[^ \n])*)(?:[ ](?>(?:(?<==)"(?>(?:\\["\\]|[^"])*)"|\\[^\n]|[^\n])*))?(?:\n|\z)""")]
    private static partial Regex BrokenLine();

    [GeneratedRegex(@"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    [GeneratedRegex(@"^(-?[0-9]+i|[0-9]+u)$")]
    private static partial Regex Integer();

    private static void Write(Match line, MeasurementBatchWriter writer)
    {
        writer.Name(Plain(line.Groups["name"].Value));
        var tags = line.Groups["key"].Captures.Zip(line.Groups["value"].Captures, (key, value) => (Key: Plain(key.Value), Value: Plain(value.Value))).ToList();
        string[] names = ["device", "device_id", "host"];
        var device = names.FirstOrDefault(name => tags.Any(tag => tag.Key == name));
        foreach (var (key, value) in tags.Where(tag => tag.Key != device))
            writer.Tag(key, value);
        foreach (var (_, value) in tags.Where(tag => tag.Key == device).TakeLast(1))
            writer.Device(value);
        if (tags.Count(tag => tag.Key == device) > 1)
            writer.AddFault("tags." + device, ErrorCodes.DuplicateMember, string.Empty);
        if (device is null)
            writer.AddFault("device", ErrorCodes.Required, string.Empty);
        foreach (var (field, content) in line.Groups["field"].Captures.Zip(line.Groups["content"].Captures))
            WriteField(Plain(field.Value), content.Value, writer);
        if (line.Groups["time"].Success)
            WriteTime(BigInteger.Parse(line.Groups["time"].Value, CultureInfo.InvariantCulture), writer);
    }

    private static void WriteField(string name, string content, MeasurementBatchWriter writer)
    {
        var path = MeasurementBatchWriter.Path("fields", Encoding.UTF8.GetBytes(name));
        if (content[0] == '"')
            writer.Text(name, Regex.Replace(content[1..^1], """\\(["\\])""", "$1"));
        else if (content is "t" or "T" or "true" or "True" or "TRUE" or "f" or "F" or "false" or "False" or "FALSE")
            writer.Boolean(name, content[0] is 't' or 'T');
        else if (Integer().IsMatch(content))
            WriteInteger(name, path, BigInteger.Parse(content[..^1], CultureInfo.InvariantCulture), content[^1] == 'u', writer);
        else if (!Float().IsMatch(content))
            writer.AddFault(path, ErrorCodes.WrongType, string.Empty);
        else if (double.IsFinite(double.Parse(content, CultureInfo.InvariantCulture)))
            writer.Number(name, double.Parse(content, CultureInfo.InvariantCulture));
        else
            writer.AddFault(path, ErrorCodes.NumberOutOfRange, string.Empty);
    }

    private static void WriteInteger(string name, string path, BigInteger integer, bool isUnsigned, MeasurementBatchWriter writer)
    {
        var fits = isUnsigned ? integer <= ulong.MaxValue : integer >= long.MinValue && integer <= long.MaxValue;
        if (fits && new BigInteger((double)integer) == integer)
            writer.Number(name, (double)integer);
        else
            writer.AddFault(path, ErrorCodes.IntegerOutOfRange, string.Empty);
    }

    private static void WriteTime(BigInteger time, MeasurementBatchWriter writer)
    {
        if (time >= long.MinValue && time < long.MaxValue)
            writer.At((long)time);
        else
            writer.AddFault("timestamp", ErrorCodes.TimestampOutOfRange, string.Empty);
    }

    private static string Plain(string text) => Regex.Replace(text, @"\\([,= ])", "$1");
}
