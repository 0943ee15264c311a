using System.Diagnostics;
using System.Globalization;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>A file system of a few MiB in memory, which fills up, grows and turns read-only as a test wants it. Mounting needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _mountPoint;

    private SmallDisk(TemporaryFolder mountPoint) => _mountPoint = mountPoint;

    public string Path => _mountPoint;

    /// <summary>Skips the test where nothing can be mounted, but fails it on a build server.</summary>
    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        var folder = new TemporaryFolder();
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", Size(mebibytes), "tmpfs", folder))
        {
            folder.Dispose();
            Absent.SkipOrFail("a small file system can not be mounted here; it takes root on Linux");
        }

        return new SmallDisk(folder);
    }

    public Task ResizeAsync(int mebibytes) => RunAsync("mount", "-o", $"remount,{Size(mebibytes)}", Path);

    public Task MakeReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", Path);

    /// <summary>Fills what is free but so many bytes with a file of no meaning.</summary>
    public void FillBut(long bytes)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace - bytes;
        using var filler = File.OpenWrite(System.IO.Path.Combine(Path, "filler"));
        var zeros = new byte[4096];
        for (; free >= zeros.Length; free -= zeros.Length)
            filler.Write(zeros);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Path);
        _mountPoint.Dispose();
    }

    private static string Size(int mebibytes) => string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");

    private static async Task RunAsync(string command, params string[] arguments)
    {
        if (!await TryRunAsync(command, arguments))
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} failed.");
    }

    private static async Task<bool> TryRunAsync(string command, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
