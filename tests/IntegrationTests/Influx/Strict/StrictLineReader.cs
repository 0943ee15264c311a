using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// Reads line protocol as narrowly as it is documented: one space between the parts of a line, everything escaped that means something.
/// Sources: docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol and /influxdb3/core/reference/line-protocol.
/// </summary>
internal sealed partial class StrictLineReader
{
    private readonly string _line;
    private readonly LineGrammar _grammar;
    private int _at;

    private StrictLineReader(string line, LineGrammar grammar) => (_line, _grammar) = (line, grammar);

    /// <exception cref="LineException">The grammar refuses the line.</exception>
    public static StrictLine Read(string line, LineGrammar grammar) => new StrictLineReader(line, grammar).Read();

    /// <summary>The lines of a body, without their ends. Inside of a quoted text an end of line is data.</summary>
    public static IReadOnlyList<string> Split(string body)
    {
        var lines = new List<string>();
        var start = 0;
        var (isInFields, isQuoted) = (false, false);
        for (var at = 0; at < body.Length; at++)
        {
            if (body[at] == '\\')
            {
                at++;
                continue;
            }

            isQuoted ^= body[at] == '"' && isInFields;
            isInFields |= body[at] == ' ';
            if (body[at] != '\n' || isQuoted)
                continue;
            lines.Add(body[start..at]);
            (start, isInFields) = (at + 1, false);
        }

        if (start < body.Length)
            lines.Add(body[start..]);
        return lines;
    }

    [GeneratedRegex(@"\G-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?(?=[, ]|$)")]
    private static partial Regex Float();

    [GeneratedRegex(@"\G-?[0-9]+i(?=[, ]|$)")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G(t|T|true|True|TRUE|f|F|false|False|FALSE)(?=[, ]|$)")]
    private static partial Regex Boolean();

    [GeneratedRegex(@"\G""(?:[^""\\]|\\.)*""(?=[, ]|$)", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    private StrictLine Read()
    {
        if (_line.StartsWith('#'))
            throw new LineException("a comment");
        var measurement = ReadName(", ", "a measurement");
        var tags = ReadTags();
        var fields = ReadFields();
        return new StrictLine(measurement, tags, fields, ReadTime());
    }

    private List<KeyValuePair<string, string>> ReadTags()
    {
        var tags = new List<KeyValuePair<string, string>>();
        while (Take(','))
        {
            var key = ReadName("=", "a tag key");
            Expect('=');
            if (tags.Any(tag => tag.Key == key))
                throw new LineException(_grammar == LineGrammar.Version2 ? "duplicate tags" : $"Must not contain duplicate tags, but \"{key}\" was repeated");
            tags.Add(KeyValuePair.Create(key, ReadName(", ", "a tag value")));
        }

        return tags;
    }

    private List<StrictField> ReadFields()
    {
        Expect(' ');
        var fields = new List<StrictField>();
        do
        {
            var key = ReadName("=", "a field key");
            Expect('=');
            if (_grammar == LineGrammar.Version3 && fields.Any(field => field.Key == key))
                throw new LineException($"invalid line protocol - multiple instances of '{key}' field found");
            fields.Add(ReadValue(key));
        }
        while (Take(','));
        return fields;
    }

    private StrictField ReadValue(string key)
    {
        foreach (var (type, pattern) in new[] { ("float", Float()), ("integer", Integer()), ("boolean", Boolean()), ("string", Quoted()) })
        {
            if (pattern.Match(_line, _at) is not { Success: true } match)
                continue;
            _at += match.Length;
            return new StrictField(key, type, match.Value);
        }

        throw new LineException(_grammar == LineGrammar.Version2 ? "invalid field format" : "No fields were provided");
    }

    private long? ReadTime()
    {
        if (_at == _line.Length)
            return null;
        Expect(' ');
        const long most = long.MaxValue - 1;
        if (long.TryParse(_line.AsSpan(_at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time) && time is >= -most and <= most)
            return time;
        throw new LineException(_grammar == LineGrammar.Version2 ? "bad timestamp" : $"Unable to parse timestamp value `{_line[_at..]}`");
    }

    // A name ends where one of the letters stands without a backslash before it; nothing else that means something may stand so.
    private string ReadName(string ends, string what)
    {
        var name = new StringBuilder();
        for (; _at < _line.Length && !ends.Contains(_line[_at], StringComparison.Ordinal); _at++)
        {
            if (_line[_at] is ',' or '=' or ' ' or '\t' or '\n' or '\r' or '\0')
                throw new LineException($"unescaped {(int)_line[_at]:x2} in {what}");
            if (_line[_at] == '\\' && _at + 1 < _line.Length && IsEscapable(_line[_at + 1]))
                _at++;
            name.Append(_line[_at]);
        }

        if (name.Length == 0)
            throw new LineException($"missing {what}");
        if (name[^1] == '\\')
            throw new LineException("Measurements, tag keys and values, and field keys may not end with a backslash");
        return name.ToString();
    }

    private bool IsEscapable(char letter) => letter is ',' or '=' or ' ' || (letter == '\\' && _grammar == LineGrammar.Version3);

    private bool Take(char letter)
    {
        if (_at == _line.Length || _line[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private void Expect(char letter)
    {
        if (!Take(letter))
            throw new LineException(_at == _line.Length ? $"missing '{letter}'" : $"'{_line[_at]}' where '{letter}' belongs");
    }
}
