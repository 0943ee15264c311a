using System.Diagnostics;

namespace IotBackend.Performance;

/// <summary>What runs where: servers on the first core, whatever loads or asks them on the second. With one core nothing is pinned.</summary>
internal static class Cores
{
    public const int Server = 0;
    public const int Load = 1;

    /// <summary>Cores of the machine, whichever of them this process may use.</summary>
    public static int Count { get; } = File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));

    private static bool ThisProcessIsPinned => Environment.ProcessorCount == 1;

    /// <summary>A command, pinned to a core by <c>taskset</c>; <c>taskset</c> becomes the command, so the process id is the command's.</summary>
    public static ProcessStartInfo Pinned(int core, string file, IEnumerable<string> arguments) => Count < 2
        ? new ProcessStartInfo(file, arguments)
        : new ProcessStartInfo("taskset", ["-c", core.ToString(Invariant), file, .. arguments]);

    /// <summary>Runs this program once more, pinned to the core of the load, unless it is pinned already.</summary>
    /// <returns>The exit code of that run; null when this process is to do the work itself.</returns>
    public static async Task<int?> RerunPinnedAsync(string[] arguments)
    {
        if (Count < 2 || ThisProcessIsPinned)
            return null;
        using var rerun = Process.Start(Pinned(Load, Environment.ProcessPath!, arguments))!;
        await rerun.WaitForExitAsync();
        return rerun.ExitCode;
    }
}
