using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>What to do when a test's surroundings lack something: a developer's machine may, a build server may not.</summary>
internal static class Absent
{
    public static void SkipOrFail(string what)
    {
        var isBuildServer = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
        if (isBuildServer)
            Assert.Fail($"Not tested: {what}.");
        else
            Assert.Skip($"Not tested: {what}.");
    }
}
