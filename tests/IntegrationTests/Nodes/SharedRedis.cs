using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Nodes;

/// <summary>A real Redis as a process of its own, on a free port and a folder of its own, for nodes to share.</summary>
internal sealed class SharedRedis : IAsyncDisposable
{
    private const string Missing = "redis-server is not installed; the Debian package is redis-server";
    private const int Starts = 5;

    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private SharedRedis(TemporaryFolder folder, Process process, int port)
    {
        (_folder, _process, Configuration) = (folder, process, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
    }

    /// <summary>As <c>Redis:Configuration</c> names it.</summary>
    public string Configuration { get; }

    /// <summary>Skips the test where Redis is not installed, but fails it on a build server.</summary>
    public static async Task<SharedRedis> StartAsync()
    {
        if (Find() is not { } executable)
        {
            Absent.SkipOrFail(Missing);
            throw new InvalidOperationException(Missing);
        }

        // Between the moment when a port is found free and that when it is taken, somebody else may take it.
        for (var start = 1; ; start++)
        {
            var redis = Start(executable, FreePort.Next());
            await Eventually.TrueAsync(async () => redis._process.HasExited || await redis.AnswersAsync(), "Redis answers or ends");
            if (!redis._process.HasExited)
                return redis;
            await redis.DisposeAsync();
            if (start == Starts)
                throw new InvalidOperationException("Redis does not start.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private static SharedRedis Start(string executable, int port)
    {
        var folder = new TemporaryFolder();
        var process = Process.Start(new ProcessStartInfo(
            executable, ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        new ServerOutput().Capture(process);
        return new SharedRedis(folder, process, port);
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", int.Parse(Configuration.Split(':')[1], CultureInfo.InvariantCulture));
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG\r\n"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
