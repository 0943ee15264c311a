using System.Reflection;
using System.Text.RegularExpressions;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Results;

public sealed partial class ErrorCodesTests
{
    private static readonly string[] Codes = [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!)];

    [Fact]
    public void Every_code_is_listed_once_in_the_documentation_and_no_other()
    {
        var listed = Rows().Matches(File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "errors.md"))).Select(row => row.Groups["code"].Value);

        Assert.Equal(Codes.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Codes_are_snake_case() => Assert.All(Codes, code => Assert.Matches("^[a-z]+(_[a-z]+)*$", code));

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "IotBackend.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return directory.FullName;
    }

    [GeneratedRegex("^\\| `(?<code>[^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
