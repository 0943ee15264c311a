using System.Diagnostics;

namespace IotBackend.Performance;

/// <summary>The programs from Debian that the measurements need.</summary>
internal static class Tools
{
    private static readonly (string Program, string Package)[] Needed =
    [
        ("wrk", "wrk"), ("influxd", "influxdb"), ("victoria-metrics", "victoria-metrics"), ("redis-server", "redis-server"), ("taskset", "util-linux"),
    ];

    /// <summary>Null when all are there; otherwise how to get them.</summary>
    public static async Task<string?> CheckAsync(bool install)
    {
        var missing = Missing();
        if (missing.Length == 0)
            return null;
        if (!install)
            return $"Missing: {string.Join(", ", missing)}. Install with: sudo apt-get install -y {string.Join(' ', missing)} (or run again with --install as root).";
        using (var apt = Process.Start("apt-get", ["install", "-y", .. missing]))
            await apt.WaitForExitAsync();
        return Missing() is { Length: > 0 } still ? $"Could not install {string.Join(", ", still)}." : null;
    }

    private static string[] Missing() => [.. Needed.Where(tool => !IsOnPath(tool.Program)).Select(tool => tool.Package)];

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
