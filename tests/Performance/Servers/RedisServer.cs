using System.Diagnostics;
using System.Net.Sockets;

namespace IotBackend.Performance.Servers;

/// <summary>Redis on a free port, keeping nothing on disk. It stands for another machine, so it is on the core of the load.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly PinnedProcess _process;
    private readonly int _port;

    private RedisServer(PinnedProcess process, int port) => (_process, _port) = (process, port);

    /// <summary>As the program is told of it.</summary>
    public string Configuration => string.Create(Invariant, $"127.0.0.1:{_port}");

    public static async Task<RedisServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Find();
        string[] arguments = ["--port", port.ToString(Invariant), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
        var server = new RedisServer(PinnedProcess.Start(Cores.Load, "redis-server", arguments, folder), port);
        try
        {
            await server.WaitAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", _port, cancellationToken);
                return;
            }
            catch (SocketException) when (!_process.HasExited && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
    }
}
