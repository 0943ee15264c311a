using System.Diagnostics;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Clients;

/// <summary>One run of a program of somebody else.</summary>
internal static class ScriptRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>What it wrote to its standard output; fails unless it ended well.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (exitCode, output, errors) = await TryRunAsync(program, arguments, folder, environment);
        Assert.True(exitCode == 0, $"{program} ended with {exitCode}: {errors}{output}");
        return output;
    }

    /// <summary>The JSON of its last line.</summary>
    public static async Task<JsonNode> RunForJsonAsync(string program, IEnumerable<string> arguments, string folder) =>
        JsonNode.Parse((await RunAsync(program, arguments, folder)).Trim().Split('\n')[^1])!;

    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Skips the test, or fails it on a build server, when the program is not installed.</summary>
    public static void Require(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))) && !File.Exists(program))
            Absent.SkipOrFail($"{program} is not installed");
    }
}
