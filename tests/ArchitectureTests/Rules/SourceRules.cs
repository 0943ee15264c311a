using System.Text.RegularExpressions;

namespace IotBackend.ArchitectureTests.Rules;

/// <summary>What only the text shows: where a file lies, how it is named, what it must not hold.</summary>
internal static partial class SourceRules
{
    /// <summary>A file is named after a type that it declares; <c>Type.Part.cs</c> is a part of one.</summary>
    public static IEnumerable<string> FilesAreNamedAfterTheirType(IEnumerable<SourceFile> files) =>
        files.Where(file => file.Name != "Program" && !Types().Matches(file.Text).Any(type => type.Groups["name"].Value == file.Name.Split('.')[0]))
            .Select(file => $"{file.Path} declares no {file.Name.Split('.')[0]}");

    public static IEnumerable<string> NamespacesAreFolders(IEnumerable<SourceFile> files) =>
        from file in files
        let expected = "IotBackend." + string.Join('.', file.Path.Split('/')[..^1])
        let declared = Namespaces().Matches(file.Text).Select(match => match.Groups["name"].Value).ToArray()
        where file.Name != "Program" && declared is not [var only] | declared.FirstOrDefault() != expected
        select $"{file.Path} is not in the one namespace {expected}";

    /// <summary>No regions, no work put off, and a warning is silenced only with its reason beside it.</summary>
    public static IEnumerable<string> NothingIsLeftOver(IEnumerable<SourceFile> files) =>
        from file in files
        from Match match in LeftOvers().Matches(file.Text)
        select $"{file.Path} holds '{match.Value.Trim()}'";

    /// <summary>What is logged stands in one place a class, generated from its text; calls that build their text at run time are not used.</summary>
    public static IEnumerable<string> LogsAreGenerated(IEnumerable<SourceFile> files)
    {
        foreach (var file in files)
        {
            if (LogCalls().Match(file.Text) is { Success: true } call)
                yield return $"{file.Path} calls {call.Groups["name"].Value}";
            if (file.Text.Contains("[LoggerMessage(", StringComparison.Ordinal) && !LogClass().IsMatch(file.Text))
                yield return $"{file.Path} has messages outside of a private nested class Log";
        }
    }

    [GeneratedRegex(@"^[\w\s]*\b(class|struct|interface|enum|record|record struct|record class)\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespaces();

    [GeneratedRegex(@"#region|#pragma warning disable(?![^\n]*//)|\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b")]
    private static partial Regex LeftOvers();

    [GeneratedRegex(@"\.(?<name>Log(Trace|Debug|Information|Warning|Error|Critical))\(")]
    private static partial Regex LogCalls();

    [GeneratedRegex(@"^\s+private static partial class Log\s*$", RegexOptions.Multiline)]
    private static partial Regex LogClass();
}
