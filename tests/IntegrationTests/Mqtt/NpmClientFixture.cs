using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>Installs the client that <c>package-lock.json</c> names into a folder of its own, and runs it.</summary>
public sealed class NpmClientFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _installing = new(1, 1);
    private bool _isInstalled;

    public void Dispose()
    {
        _folder.Dispose();
        _installing.Dispose();
    }

    /// <summary>What the script tells, all of its lines in one object.</summary>
    public async Task<JsonObject> RunAsync(int port, string key, string version, int count)
    {
        await InstallAsync();
        var output = await RunAsync("node", _folder.Combine("publish.js"), $"mqtt://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", key, version, count.ToString(CultureInfo.InvariantCulture));
        var told = new JsonObject();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var (name, value) in JsonNode.Parse(line)!.AsObject())
                told[name] = value?.DeepClone();
        }

        return told;
    }

    private async Task InstallAsync()
    {
        await _installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_isInstalled)
                return;
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Mqtt", "Node")))
                File.Copy(file, _folder.Combine(Path.GetFileName(file)));
            await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", _folder.Path);
            _isInstalled = true;
        }
        finally
        {
            _installing.Release();
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience * 4, TimeProvider.System);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    private static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Absent.SkipOrFail($"{program} is not installed");
            throw;
        }
    }
}
