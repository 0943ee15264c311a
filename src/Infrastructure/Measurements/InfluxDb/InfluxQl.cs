using System.Globalization;
using System.Text;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Builds InfluxQL. The one place where names and values get into it: values as bound parameters where the version has them, else quoted;
/// names always quoted, for there are no parameters for them. Source: docs.influxdata.com, "InfluxQL reference".
/// </summary>
internal sealed class InfluxQl(bool bindsValues)
{
    // What a regular expression of Go takes literally without a backslash; anything else is written as its code point.
    private const string LiteralInRegex = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:%";

    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _values = [];

    public string Text => _text.ToString();

    /// <summary>The values that <c>$v0</c>, <c>$v1</c> … stand for.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Appends text that is part of the program; never anything that came from outside.</summary>
    public InfluxQl Append(string constant)
    {
        _text.Append(constant);
        return this;
    }

    /// <summary>A name of a bucket, measurement, tag or field.</summary>
    public InfluxQl AppendName(string name)
    {
        _text.Append('"').Append(Escape(name, '"')).Append('"');
        return this;
    }

    /// <summary>A tag's value.</summary>
    public InfluxQl AppendValue(string value)
    {
        if (!bindsValues)
        {
            _text.Append('\'').Append(Escape(value, '\'')).Append('\'');
            return this;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"v{_values.Count}");
        _values.Add(name, value);
        _text.Append('$').Append(name);
        return this;
    }

    /// <summary>A regular expression for all that begins with the text.</summary>
    public InfluxQl AppendPrefix(string prefix)
    {
        _text.Append("/^");
        foreach (var rune in prefix.EnumerateRunes())
        {
            if (rune.IsAscii && LiteralInRegex.Contains((char)rune.Value, StringComparison.Ordinal))
                _text.Append((char)rune.Value);
            else
                _text.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:x}}}");
        }

        _text.Append('/');
        return this;
    }

    public InfluxQl AppendNumber(long number)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }

    private static string Escape(string text, char quote)
    {
        if (text.AsSpan().IndexOfAny(['\\', quote, '\n']) < 0)
            return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
        {
            if (letter == '\n')
                escaped.Append("\\n");
            else if (letter == '\\' || letter == quote)
                escaped.Append('\\').Append(letter);
            else
                escaped.Append(letter);
        }

        return escaped.ToString();
    }
}
