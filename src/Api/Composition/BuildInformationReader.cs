using System.Reflection;
using System.Runtime.InteropServices;
using IotBackend.Application.SystemStatus;

namespace IotBackend.Api.Composition;

/// <summary>Reads from the program's own assembly what it is.</summary>
internal static class BuildInformationReader
{
    public static BuildInformation Read(string environment)
    {
        var assembly = typeof(BuildInformationReader).Assembly;
        var informational = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? string.Empty;
        var plus = informational.IndexOf('+', StringComparison.Ordinal);
        return new BuildInformation(
            assembly.GetName().Version ?? new Version(0, 0, 0),
            plus < 0 ? string.Empty : informational[(plus + 1)..],
            BuiltAt(assembly),
            RuntimeInformation.FrameworkDescription,
            environment);
    }

    // Builds are deterministic and so carry no time; the file's does.
    private static DateTimeOffset BuiltAt(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".dll");
        return File.Exists(path) ? new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;
    }
}
