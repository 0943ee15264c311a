using System.Diagnostics;
using System.Runtime.InteropServices;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Transfer;

/// <summary>One run of the program as <c>export</c> or <c>import</c>.</summary>
internal sealed class TransferRun : IDisposable
{
    private readonly Process _process;

    private TransferRun(Process process)
    {
        _process = process;
        Output.Capture(process);
    }

    public ServerOutput Output { get; } = new();

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it; does not wait for anything.</summary>
    public static TransferRun Start(params IEnumerable<string> arguments)
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return new TransferRun(Process.Start(new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, "IotBackend.Api.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params IEnumerable<string> arguments)
    {
        using var run = Start(arguments);
        return (await run.WaitForExitAsync(), run.Output.ToString());
    }

    /// <summary>The exit code, with all output captured.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5), TimeProvider.System);
        return _process.ExitCode;
    }

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForExitAsync();
    }

    public Task TerminateAsync() => _process.SendAsync("TERM");

    /// <summary>The most memory that it has taken until now, in bytes; 0 when it has ended.</summary>
    public long PeakMemory()
    {
        try
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ends when it likes, also between being asked whether it has and this.
            return 0;
        }
    }

    public void Dispose() => _process.Dispose();
}
