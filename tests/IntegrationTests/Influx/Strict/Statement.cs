using System.Text.RegularExpressions;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// One statement of InfluxQL, taken apart into words. Quotes and escapes are held to what all versions understand alike: in quotes of either
/// kind a backslash comes before itself, before that quote, or before <c>n</c>.
/// Source: docs.influxdata.com/influxdb3/core/reference/influxql, "Literals" and "Identifiers".
/// </summary>
internal sealed partial class Statement
{
    private readonly IReadOnlyList<string> _words;

    private Statement(string text, IReadOnlyList<string> words) => (Text, _words) = (text, words);

    public string Text { get; }

    /// <summary>Takes a text apart at its semicolons.</summary>
    public static IReadOnlyList<Statement> Read(string text)
    {
        var statements = new List<Statement>();
        var words = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            var word = ReadWord(text, at, words.LastOrDefault());
            at += word.Length;
            if (word == ";")
            {
                statements.Add(new Statement(text[start..(at - 1)].Trim(), words));
                (start, words) = (at, []);
            }
            else if (!string.IsNullOrWhiteSpace(word))
            {
                words.Add(word);
            }
        }

        if (words.Count > 0)
            statements.Add(new Statement(text[start..].Trim(), words));
        return statements;
    }

    public bool Begins(params ReadOnlySpan<string> words)
    {
        if (words.Length > _words.Count)
            return false;
        for (var i = 0; i < words.Length; i++)
        {
            if (!IsWord(_words[i], words[i]))
                return false;
        }

        return true;
    }

    /// <summary>Whether it holds the word outside of quotes.</summary>
    public bool Has(string word) => _words.Any(each => IsWord(each, word));

    public bool HasParameter => _words.Any(word => word.StartsWith('$'));

    private static bool IsWord(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("""
        \G(?:\s+|"(?:[^"\\\n]|\\[\\"n])*"|'(?:[^'\\\n]|\\[\\'n])*'|\$[A-Za-z0-9_]+|[0-9]+(?:\.[0-9]+)?[a-zµ]*|[A-Za-z_][A-Za-z0-9_]*|=~|!~|::|<=|>=|<>|!=|[-+*=<>(),.;])
        """)]
    private static partial Regex Word();

    [GeneratedRegex(@"\G/(?!\*)(?:[^/\\\n]|\\[^\n])+/")]
    private static partial Regex Pattern();

    // After an operand a slash divides; everywhere else a pattern begins with it.
    private static string ReadWord(string text, int at, string? before)
    {
        var isPattern = text[at] == '/' && before is not null && before[0] is not ('"' or '\'' or ')');
        if ((isPattern ? Pattern() : Word()).Match(text, at) is { Success: true } word)
            return word.Value;
        throw new DeviationException($"InfluxQL stops making sense at {at}: {text}");
    }
}
