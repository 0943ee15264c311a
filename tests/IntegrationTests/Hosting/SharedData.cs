namespace IotBackend.IntegrationTests.Hosting;

/// <summary>The real sensor data that lies beside the repository, not in it.</summary>
internal static class SharedData
{
    private const string Override = "IOT_SHARED_DATA";

    /// <summary>The folder; without it the test is skipped, but fails on a build server, where it must be.</summary>
    public static string Folder()
    {
        if (Find() is { } folder)
            return folder;
        Absent.SkipOrFail($"the folder shared/data is nowhere above the tests; {Override} may name it");
        return "";
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Override) is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data");
            if (File.Exists(Path.Combine(candidate, "air-quality-uci.csv")))
                return candidate;
        }

        return null;
    }
}
