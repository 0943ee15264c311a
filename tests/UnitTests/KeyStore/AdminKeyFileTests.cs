using System.Runtime.Versioning;
using IotBackend.Application.ApiKeys;
using IotBackend.Infrastructure;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class AdminKeyFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TestKeyStore _test = new();

    public static bool IsWindows => OperatingSystem.IsWindows();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void File_holds_the_key_and_a_line_feed_for_its_owner_alone()
    {
        var file = _test.Get<IAdminKeyFile>();
        Assert.False(file.Exists);
        file.Write("the-key");
        Assert.Equal("the-key\n", File.ReadAllText(file.Path));
        Assert.Equal(Path.Combine(_test.Folder, "admin.key"), file.Path);
        Assert.Equal([file.Path], Directory.GetFiles(_test.Folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(file.Path));
    }

    [Fact(Skip = "Windows has no file modes.", SkipWhen = nameof(IsWindows))]
    [UnsupportedOSPlatform("windows")]
    public void File_that_others_may_read_is_replaced_by_one_that_they_may_not()
    {
        var file = _test.Get<IAdminKeyFile>();
        foreach (var path in new[] { file.Path, file.Path + ".new" })
        {
            File.WriteAllText(path, "old");
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherRead);
        }

        file.Write("the-key");
        Assert.Equal(("the-key\n", OwnerOnly), (File.ReadAllText(file.Path), File.GetUnixFileMode(file.Path)));
    }

    [Fact]
    public void Folder_that_can_not_be_written_is_told_without_the_key()
    {
        var path = Path.Combine(_test.Folder, "taken");
        File.WriteAllText(path, string.Empty);
        using var test = new TestKeyStore(folder: Path.Combine(path, "data"));
        var exception = Assert.Throws<StorageStartException>(() => test.Get<IAdminKeyFile>().Write("the-key"));
        Assert.DoesNotContain("the-key", exception.ToString(), StringComparison.Ordinal);
    }
}
