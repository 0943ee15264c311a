using System.Diagnostics;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One run of <c>influxd</c>.</summary>
internal sealed class InfluxProcess : IDisposable
{
    private readonly Process _process;

    private InfluxProcess(Process process)
    {
        _process = process;
        Output.Capture(process);
    }

    public ServerOutput Output { get; } = new();

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it; does not wait for anything.</summary>
    public static InfluxProcess Start(string executable, string configurationFile) =>
        new(Process.Start(new ProcessStartInfo(executable, ["-config", configurationFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Where the program is; null when it is not installed.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "influxd"))
        .FirstOrDefault(File.Exists);

    public Task SendAsync(string signal) => _process.SendAsync(signal);

    public async Task WaitForExitAsync() => await _process.WaitForExitAsync().WaitAsync(Eventually.Patience * 2, TimeProvider.System);

    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync();
    }

    public void Dispose() => _process.Dispose();
}
