using System.Diagnostics;

namespace IotBackend.Performance.Servers;

internal static class DiskUsage
{
    /// <summary>Bytes of the blocks that a folder's files occupy: holes do not count, half-filled blocks do.</summary>
    public static long Of(string folder)
    {
        var start = new ProcessStartInfo("du", ["-s", "-B1", folder]) { RedirectStandardOutput = true };
        using var du = Process.Start(start)!;
        var answer = du.StandardOutput.ReadToEnd();
        du.WaitForExit();
        return long.Parse(answer.Split('\t')[0], Invariant);
    }
}
