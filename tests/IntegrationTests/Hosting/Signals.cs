using System.Diagnostics;
using System.Globalization;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Signals of POSIX, which .NET itself can not send.</summary>
internal static class Signals
{
    /// <param name="process">Who gets it.</param>
    /// <param name="signal">Such as <c>TERM</c>.</param>
    public static async Task SendAsync(this Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
