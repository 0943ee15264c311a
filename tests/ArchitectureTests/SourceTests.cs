using IotBackend.ArchitectureTests.Rules;
using Xunit;

namespace IotBackend.ArchitectureTests;

public sealed class SourceTests
{
    private static readonly SourceFile Good = new("Domain/Buckets/Bucket.cs", """
        namespace IotBackend.Domain.Buckets;

        public sealed partial record Bucket(string Name);

        internal enum BucketKind
        {
            Own,
        }
        """);

    [Fact]
    public void Files_are_named_after_their_type() => Verify(
        SourceRules.FilesAreNamedAfterTheirType,
        Good with { Path = "Domain/Buckets/Pail.cs" },
        "Domain/Buckets/Pail.cs declares no Pail");

    [Theory]
    [InlineData("Domain/Measurements/Bucket.cs", "IotBackend.Domain.Measurements")]
    [InlineData("Domain/Bucket.cs", "IotBackend.Domain")]
    public void Namespaces_are_folders(string path, string expected) => Verify(
        SourceRules.NamespacesAreFolders, Good with { Path = path }, $"{path} is not in the one namespace {expected}");

    [Fact]
    public void A_file_has_one_namespace() => Verify(
        SourceRules.NamespacesAreFolders,
        Good with { Text = "namespace IotBackend.Domain.Buckets { }\nnamespace IotBackend.Domain.Other { class Bucket; }" },
        "Domain/Buckets/Bucket.cs is not in the one namespace IotBackend.Domain.Buckets");

    [Theory]
    [InlineData("#region Properties", "#region")]
    [InlineData("#pragma warning disable CA1000", "#pragma warning disable")]
    [InlineData("// TODO: later", "TODO")]
    [InlineData("throw new NotImplementedException();", "NotImplementedException")]
    public void Nothing_is_left_over(string line, string found) => Verify(
        SourceRules.NothingIsLeftOver, Good with { Text = Good.Text + "\n" + line }, $"Domain/Buckets/Bucket.cs holds '{found}'");

    [Fact]
    public void A_warning_may_be_silenced_with_its_reason() =>
        Assert.Empty(SourceRules.NothingIsLeftOver([Good with { Text = "#pragma warning disable CA1031 // The last line of defence." }]));

    [Fact]
    public void Logs_are_generated()
    {
        Verify(
            SourceRules.LogsAreGenerated,
            Good with { Text = Good.Text + "\nlogger.LogInformation(\"Stored {Count}\", count);" },
            "Domain/Buckets/Bucket.cs calls LogInformation");
        Verify(
            SourceRules.LogsAreGenerated,
            Good with { Text = Good.Text + "\n    [LoggerMessage(1, LogLevel.Information, \"Stored\")]" },
            "Domain/Buckets/Bucket.cs has messages outside of a private nested class Log");
    }

    [Fact]
    public void The_rules_see_the_sources() => Assert.Contains(SourceFile.Product, file => file.Path == "Domain/Results/Error.cs");

    private static void Verify(Func<IEnumerable<SourceFile>, IEnumerable<string>> rule, SourceFile broken, string violation)
    {
        Assert.Empty(rule(SourceFile.Product));
        Assert.Empty(rule([Good]));
        Assert.Equal([violation], rule([Good, broken]));
    }
}
