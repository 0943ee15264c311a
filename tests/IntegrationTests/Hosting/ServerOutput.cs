using System.Diagnostics;
using System.Text.RegularExpressions;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>What a server wrote so far, both streams in the order in which the lines came.</summary>
internal sealed partial class ServerOutput
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public Uri? Address => Lines.Select(line => Listening().Match(line)).Where(m => m.Success).Select(m => new Uri(m.Groups["url"].Value)).FirstOrDefault();

    public void Capture(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public override string ToString() => string.Join(Environment.NewLine, Lines);

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_lock)
            _lines.Add(line);
    }

    [GeneratedRegex(@"listening on:?\s+(?<url>http://[^\s/]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Listening();
}
