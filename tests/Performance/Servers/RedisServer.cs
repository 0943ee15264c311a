using System.Diagnostics;
using System.Net.Sockets;

namespace IotBackend.Performance.Servers;

/// <summary>Redis on a free port, with its own defaults but nothing written to disk, on the core of the load: it stands on another machine in earnest.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PinnedProcess _process;

    private RedisServer(PinnedProcess process, int port) => (_process, Configuration) = (process, $"127.0.0.1:{port}");

    /// <summary>For the setting <c>Redis:Configuration</c>.</summary>
    public string Configuration { get; }

    public static async Task<RedisServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Find();
        var process = PinnedProcess.Start(
            Cores.Load, "redis-server", ["--port", port.ToString(Invariant), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"], folder);
        try
        {
            await WaitAsync(process, port, cancellationToken);
            return new RedisServer(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task WaitAsync(PinnedProcess process, int port, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken))
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellationToken);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(since) < Patience)
            {
                // Not yet.
            }
        }
    }
}
