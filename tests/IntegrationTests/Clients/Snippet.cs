using System.Text.RegularExpressions;

namespace IotBackend.IntegrationTests.Clients;

/// <summary>A piece of code in a document.</summary>
/// <param name="Language">As the fence says it.</param>
/// <param name="Code">The text between the fences.</param>
internal sealed partial record Snippet(string Language, string Code)
{
    /// <summary>All of a document in Markdown, in order.</summary>
    public static IReadOnlyList<Snippet> AllOf(string markdown) =>
        [.. Fenced().Matches(markdown).Select(match => new Snippet(match.Groups["language"].Value, match.Groups["code"].Value))];

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
