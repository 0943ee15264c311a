using System.Diagnostics;
using System.Globalization;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>
/// One run of <c>postgres</c>. It refuses to run as root, and is then run as the user of Debian's package. A shell stands beside it and ends
/// it when this process ends, however that comes about.
/// </summary>
internal sealed class PostgreSqlProcess : IDisposable
{
    /// <summary>What a machine lacks on which none can be started.</summary>
    public const string Missing = "PostgreSQL is not installed; the Debian package is postgresql";

    private const string User = "postgres";
    private const string Installed = "/usr/lib/postgresql";

    // Its standard input ends with the tests' process. $0 is the folder to remove then, the rest is the command.
    private const string Beside = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        server=$!
        (read -r line <&3; trap '' TERM; kill -QUIT $server; sleep 2; kill -KILL $server; rm -rf "$0") >/dev/null 2>&1 &
        exec 3<&-
        wait $server
        code=$?
        kill $!
        exit $code
        """;

    private readonly Process _shell;
    private readonly string _data;

    private PostgreSqlProcess(Process shell, string data)
    {
        (_shell, _data) = (shell, data);
        Output.Capture(shell);
    }

    public ServerOutput Output { get; } = new();

    public bool HasExited => _shell.HasExited;

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Where its programs are, those of the newest version; null when it is not installed.</summary>
    public static string? Find() => !Directory.Exists(Installed) ? null : Directory.GetDirectories(Installed)
        .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
        .Select(folder => Path.Combine(folder, "bin"))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));

    /// <summary>Starts it; does not wait for anything.</summary>
    /// <param name="programs">The folder of its programs.</param>
    /// <param name="folder">Goes away with the tests when these are killed.</param>
    /// <param name="data">The folder of the databases, within.</param>
    /// <param name="arguments">Of <c>postgres</c>.</param>
    public static PostgreSqlProcess Start(string programs, string folder, string data, params string[] arguments) => new(
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Beside, folder, .. AsUser(), Path.Combine(programs, "postgres"), "-D", data, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!,
        data);

    /// <summary>Something that runs for ever in its place, of which nothing is left when its input ends.</summary>
    public static Process Orphan(string folder) => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Beside, folder, "tail", "-f", "/dev/null"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>Runs one of its other programs to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task RunAsync(string program, string folder, params string[] arguments)
    {
        string[] command = [.. AsUser(), program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        var output = new ServerOutput();
        output.Capture(process);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:{Environment.NewLine}{output}");
    }

    /// <summary>Gives a folder to the user that runs it.</summary>
    public static async Task GiveAsync(string folder)
    {
        if (!IsRoot)
            return;
        using var process = Process.Start("chown", ["-R", User, folder]);
        await process.WaitForExitAsync();
    }

    /// <summary>Asks it to end and cut its connections, or to end at once.</summary>
    public async Task StopAsync(string signal)
    {
        await SendAsync(signal, Server());
        await WaitForExitAsync();
    }

    /// <summary>As <c>kill -9</c> of the server and all that works for it.</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
            await SendAsync("KILL", All());
        await WaitForExitAsync();
    }

    /// <summary>A signal to the server and all that works for it.</summary>
    public Task SendAsync(string signal) => SendAsync(signal, All());

    public void Dispose() => _shell.Dispose();

    // Not runuser, which stays beside what it runs and stops for ever when that is suspended.
    private static string[] AsUser() => IsRoot ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--init-groups", "--"] : [];

    // The first line of the file that it keeps while it runs.
    private int[] Server()
    {
        var file = Path.Combine(_data, "postmaster.pid");
        return File.Exists(file) && File.ReadLines(file).FirstOrDefault() is { } line ? [int.Parse(line, CultureInfo.InvariantCulture)] : [];
    }

    private int[] All() => [.. Server().SelectMany(server => (int[])[server, .. ChildrenOf(server)])];

    private static IEnumerable<int> ChildrenOf(int process)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children");
        return File.Exists(file) ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)) : [];
    }

    private static async Task SendAsync(string signal, int[] processes)
    {
        if (processes.Length == 0)
            return;
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardError = true,
        })!;
        await kill.WaitForExitAsync();
    }

    private async Task WaitForExitAsync() => await _shell.WaitForExitAsync().WaitAsync(Eventually.Patience * 2, TimeProvider.System);
}
