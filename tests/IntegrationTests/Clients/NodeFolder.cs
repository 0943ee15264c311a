using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Clients;

/// <summary>A folder with the scripts for Node.js and the packages that they need, as the lock file has them; gone with the tests.</summary>
public sealed class NodeFolder : IAsyncLifetime
{
    private TemporaryFolder? _folder;

    /// <summary>Installs what is needed when it is asked for first; skips the test where that can not be.</summary>
    public async Task<string> GetAsync()
    {
        ScriptRun.Require("node");
        ScriptRun.Require("npm");
        if (_folder is not null)
            return _folder;
        var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Clients", "node")))
            File.Copy(file, folder.Combine(Path.GetFileName(file)));
        var (exitCode, _, errors) = await ScriptRun.TryRunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
        if (exitCode != 0)
        {
            folder.Dispose();
            Absent.SkipOrFail($"npm could not install the clients: {errors}");
        }

        return _folder = folder;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}
