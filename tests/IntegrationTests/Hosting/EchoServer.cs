using System.Net;
using System.Net.Sockets;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Says back whatever it is told, until the caller has no more to say.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private long _heard;

    public EchoServer()
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = AcceptAsync();
    }

    public Uri Url { get; }

    public long Heard => Interlocked.Read(ref _heard);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = EchoAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task EchoAsync(Socket caller)
    {
        var buffer = new byte[4096];
        using (caller)
        {
            try
            {
                for (int read; (read = await caller.ReceiveAsync(buffer)) > 0; await caller.SendAsync(buffer.AsMemory(0, read)))
                    Interlocked.Add(ref _heard, read);
            }
            catch (SocketException)
            {
                // Reset by the caller.
            }
        }
    }
}
