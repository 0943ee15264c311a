namespace IotBackend.Performance.Report;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var memory = long.Parse(
            File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], Invariant) / (1024 * 1024);
        return string.Create(
            Invariant,
            $"{model?.Split(':', 2)[1].Trim() ?? "unknown processor"}, {Cores.Count} cores, {memory} GiB, {Environment.OSVersion.VersionString}, .NET {Environment.Version}");
    }

    /// <summary>The file system below a folder: what a sync costs depends on it.</summary>
    public static string FileSystem(string folder) => new DriveInfo(folder).DriveFormat;
}
