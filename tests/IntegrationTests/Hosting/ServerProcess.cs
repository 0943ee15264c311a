using System.Diagnostics;
using System.Runtime.InteropServices;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One run of the program.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly string[] ForeignSettings = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "IOT_"];

    private readonly Process _process;
    private readonly long _began;

    private ServerProcess(Process process, long began)
    {
        (_process, _began) = (process, began);
        Output.Capture(process);
    }

    public ServerOutput Output { get; } = new();

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public TimeSpan Age => TimeProvider.System.GetElapsedTime(_began);

    /// <summary>Starts the program from beside the tests, where the build puts it; does not wait for anything.</summary>
    public static ServerProcess Start(string dataPath, IotServerOptions options)
    {
        var start = new ProcessStartInfo(DotnetHost())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "IotBackend.Api.dll"));
        foreach (var (setting, value) in Settings(dataPath, options))
            start.ArgumentList.Add($"--{setting}={value}");
        foreach (var foreign in start.Environment.Keys.Where(k => ForeignSettings.Any(f => k.StartsWith(f, StringComparison.Ordinal))).ToList())
            start.Environment.Remove(foreign);
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        var began = TimeProvider.System.GetTimestamp();
        return new ServerProcess(Process.Start(start)!, began);
    }

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForExitAsync();
    }

    public Task TerminateAsync() => _process.SendAsync("TERM");

    /// <summary>The exit code, with all output captured.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Eventually.Patience * 2, TimeProvider.System);
        return _process.ExitCode;
    }

    public void Dispose() => _process.Dispose();

    private static IEnumerable<KeyValuePair<string, string>> Settings(string dataPath, IotServerOptions options) =>
        new Dictionary<string, string> { ["Urls"] = "http://127.0.0.1:0", ["Data:Path"] = dataPath }
            .Where(setting => !options.Settings.ContainsKey(setting.Key))
            .Concat(options.Settings);

    /// <summary>The very host that runs the tests, wherever it is installed.</summary>
    private static string DotnetHost() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
}
