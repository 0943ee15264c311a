using System.Diagnostics;

namespace IotBackend.Performance;

/// <summary>Where this repository lies and what was built in it.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution, found upwards from this program.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>The real program, built in the same configuration as this one.</summary>
    public static string BuiltApi
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Root, "src", "Api", "bin", output.Parent!.Name, output.Name, "IotBackend.Api.dll");
        }
    }

    public static bool IsReleaseBuild => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name == "Release";

    /// <summary>The last commit that changed the program itself, marked when its sources have changed since.</summary>
    public static string Commit()
    {
        var commit = Git("log", "-1", "--format=%h", "--", "src");
        return Git("status", "--porcelain", "--", "src").Length == 0 ? commit : $"{commit} with changes";
    }

    private static string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", Root, .. arguments]) { RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var answer = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return answer;
    }

    private static string Find(DirectoryInfo folder) =>
        File.Exists(Path.Combine(folder.FullName, "IotBackend.sln")) ? folder.FullName
        : folder.Parent is { } parent ? Find(parent)
        : throw new InvalidOperationException("This program runs from a clone of the repository; IotBackend.sln was not found above it.");
}
