using System.Collections.Concurrent;
using System.Diagnostics;

namespace IotBackend.Performance.Servers;

/// <summary>A child process on one core. Its output is kept for the message when it fails; disposing ends it as an operator would.</summary>
internal sealed class PinnedProcess : IAsyncDisposable
{
    private const int KeptLines = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lastLines = new();

    private PinnedProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>User and system time of all its threads since it started, by the kernel's ticks of 10 ms.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    public string LastOutput => string.Join(Environment.NewLine, _lastLines);

    public static PinnedProcess Start(int core, string file, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        var start = Cores.Pinned(core, file, arguments);
        start.WorkingDirectory = workingDirectory ?? Environment.CurrentDirectory;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var started = new PinnedProcess(Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start."));
        started._process.OutputDataReceived += started.Keep;
        started._process.ErrorDataReceived += started.Keep;
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Memory that the process holds, in bytes.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], Invariant) * 1024;
    }

    /// <summary>Asks the process to end (SIGTERM) and waits until it has; so a server flushes what it holds.</summary>
    public async Task StopAsync()
    {
        if (HasExited)
            return;
        using (var kill = Process.Start("kill", ["-TERM", Id.ToString(Invariant)]))
            await kill.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        _lastLines.Enqueue(line.Data);
        if (_lastLines.Count > KeptLines)
            _lastLines.TryDequeue(out _);
    }
}
