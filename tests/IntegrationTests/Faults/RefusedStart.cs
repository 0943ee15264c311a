using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>A start that must not succeed, and what it tells.</summary>
internal static class RefusedStart
{
    /// <summary>Fails unless the program ends by itself, in failure, with one line that names the folder and no stack.</summary>
    /// <returns>The line.</returns>
    public static async Task<string> AssertAsync(string dataPath)
    {
        using var process = ServerProcess.Start(dataPath, new IotServerOptions());
        var code = await process.WaitForExitAsync();
        return AssertTells(process.Output, code, dataPath);
    }

    public static string AssertTells(ServerOutput output, int exitCode, string dataPath)
    {
        Assert.True(exitCode != 0, $"The program ended as if all was well: {output}");
        var line = Assert.Single(output.Lines, l => l.Contains(dataPath, StringComparison.Ordinal));
        Assert.True(output.Lines.Count == 1, $"More than one line: {output}");
        return line;
    }
}
