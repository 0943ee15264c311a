using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>
/// A real Redis as a process of its own, on a free port, that keeps nothing on disk. It can be stopped, killed, made to hang, emptied, and started
/// again where it was.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string Password = "pass-word-of-redis";

    private const string Missing = "Redis is not installed; the Debian package is redis-server";
    private const int Starts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly string _executable;
    private Process? _process;
    private int _port;

    private RedisServer(string executable) => _executable = executable;

    public int Port => _port;

    /// <summary>As the program is told of it.</summary>
    public string Configuration => At(_port);

    /// <summary>Skips the test where Redis is not installed, but fails it on a build server.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        if (Find() is not { } executable)
        {
            Absent.SkipOrFail(Missing);
            throw new InvalidOperationException(Missing);
        }

        var server = new RedisServer(executable);
        for (var start = 1; ; start++)
        {
            server._port = FreePort.Next();
            if (await server.TryStartAsync())
                return server;
            Assert.True(start < Starts, "Redis does not start.");
        }
    }

    /// <summary>The same through something between the two.</summary>
    public static string At(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port},password={Password}");

    /// <summary>It stays alive, takes connections, and answers nothing until <see cref="ResumeAsync"/>.</summary>
    public Task SuspendAsync() => _process!.SendAsync("STOP");

    public Task ResumeAsync() => _process!.SendAsync("CONT");

    /// <summary>As <c>kill -9</c>: nothing of it runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Eventually.Patience, TimeProvider.System);
    }

    /// <summary>Starts it again on the same port, with nothing in it.</summary>
    public async Task RestartAsync()
    {
        for (var start = 1; !await TryStartAsync(); start++)
            Assert.True(start < Starts, "Redis does not start again.");
    }

    /// <summary>Asks it something past the program, such as <c>FLUSHALL</c>; gives its answer as it comes.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\n{command}\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        return answer["+OK\r\n".Length..^"+OK\r\n".Length];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    // False when it ends instead of answering, because somebody else has taken the port.
    private async Task<bool> TryStartAsync()
    {
        _process?.Dispose();
        var process = _process = Process.Start(new ProcessStartInfo(_executable, [
            "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password,
            "--save", "", "--appendonly", "no", "--dir", _folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        new ServerOutput().Capture(process);
        await Eventually.TrueAsync(async () => process.HasExited || await AnswersAsync(), "Redis answers or ends");
        return !process.HasExited;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await AskAsync("PING") == "+PONG\r\n";
        }
        catch (Exception exception) when (exception is SocketException or IOException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
