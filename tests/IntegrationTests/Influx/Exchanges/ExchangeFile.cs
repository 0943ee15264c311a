using System.Net;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>
/// Reads a file of exchanges. It begins with comments (<c># …</c>) that name the public documentation it was written from. Each section begins
/// with its title (<c>### …</c>) and has one or more exchanges, with <c>---</c> between them: the request, an empty line, and the answer from
/// its <c>HTTP/1.1</c> on. Bodies are as sent, but for two: a form has a parameter a line, not encoded; what is compressed stands here as it was before.
/// </summary>
internal static class ExchangeFile
{
    private const string TitleMark = "### ";
    private const string AnswerMark = "HTTP/1.1 ";
    private const string Between = "---";

    /// <summary>The exchanges of a section, in their order.</summary>
    /// <param name="file">Such as <c>v2/write.http</c>.</param>
    /// <param name="title">The section's title.</param>
    public static IReadOnlyList<Exchange> Read(string file, string title)
    {
        var lines = ReadLines(file);
        var section = lines.SkipWhile(line => line != TitleMark + title).Skip(1)
            .TakeWhile(line => !line.StartsWith(TitleMark, StringComparison.Ordinal)).ToList();
        return section.Count > 0 ? [.. Split(section).Select(ReadExchange)] : throw new InvalidDataException($"{file} has no section '{title}'.");
    }

    /// <summary>The titles of all sections of a file.</summary>
    public static IEnumerable<string> Titles(string file) =>
        ReadLines(file).Where(line => line.StartsWith(TitleMark, StringComparison.Ordinal)).Select(line => line[TitleMark.Length..]);

    private static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Influx", "Exchanges", file));

    private static IEnumerable<List<string>> Split(IEnumerable<string> section)
    {
        var exchange = new List<string>();
        foreach (var line in section.SkipWhile(IsRemark))
        {
            if (line != Between)
            {
                exchange.Add(line);
                continue;
            }

            yield return exchange;
            exchange = [];
        }

        yield return exchange;
    }

    private static Exchange ReadExchange(List<string> lines)
    {
        lines = [.. lines.SkipWhile(IsRemark)];
        var answer = lines.FindIndex(line => line.StartsWith(AnswerMark, StringComparison.Ordinal));
        var request = lines[0].Split(' ', 2);
        var status = int.Parse(lines[answer].Split(' ')[1], null);
        return new Exchange(request[0], request[1], ReadMessage(lines[1..answer]), (HttpStatusCode)status, ReadMessage(lines[(answer + 1)..]));
    }

    private static ExchangeMessage ReadMessage(IEnumerable<string> lines)
    {
        var headers = lines.TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new ExchangeMessage(headers, string.Join('\n', lines.Skip(headers.Count)).Trim('\n'));
    }

    private static bool IsRemark(string line) => line.Length == 0 || line.StartsWith("# ", StringComparison.Ordinal);
}
