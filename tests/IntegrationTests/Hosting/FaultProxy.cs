using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>
/// A network between a client and a server that can be made bad, each direction on its own, at any time and for connections that are open:
/// slow, cut, ending too early, or silent. It keeps its port.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Uri _target;
    private readonly int _port;
    private readonly ProxyLink _requests = new();
    private readonly ProxyLink _answers = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<ProxyConnection, Task> _open = [];
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _connections;

    private FaultProxy(Uri target, int port) => (_target, _port) = (target, port);

    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>Connections that were taken so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Bytes that reached the server.</summary>
    public long RequestBytes => _requests.Bytes;

    /// <summary>Bytes that reached the client.</summary>
    public long AnswerBytes => _answers.Bytes;

    public static FaultProxy Start(Uri target)
    {
        for (var tries = 0; ; tries++)
        {
            var proxy = new FaultProxy(target, FreePort.Next());
            try
            {
                proxy.Accept();
                return proxy;
            }
            catch (SocketException) when (tries < 5)
            {
                // Taken since it was found free.
            }
        }
    }

    /// <summary>From now on something is wrong with what goes to the server.</summary>
    public void BreakRequests(LinkFault fault) => Switch(_requests, fault);

    /// <summary>From now on something is wrong with what comes back from the server.</summary>
    public void BreakAnswers(LinkFault fault) => Switch(_answers, fault);

    /// <summary>Cuts all connections and takes no more: who calls is told at once that nobody is here.</summary>
    public void Refuse()
    {
        _listener?.Dispose();
        _listener = null;
        Cut();
    }

    /// <summary>Cuts all connections.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (var connection in _open.Keys.ToArray())
                connection.Reset();
        }
    }

    /// <summary>Nothing is wrong any more. Connections that have lost bytes are cut.</summary>
    public void Heal()
    {
        BreakRequests(LinkFault.None);
        BreakAnswers(LinkFault.None);
        Accept();
    }

    public async ValueTask DisposeAsync()
    {
        Refuse();
        await _accepting;
        Task[] running;
        lock (_lock)
            running = [.. _open.Values];
        await Task.WhenAll(running);
    }

    private void Accept()
    {
        if (_listener is not null)
            return;
        var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Start();
        _listener = listener;
        _accepting = Task.WhenAll(_accepting, AcceptAsync(listener));
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                Add(new ProxyConnection(await listener.AcceptSocketAsync(), _target, _requests, _answers));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // No longer listening.
        }
    }

    private void Add(ProxyConnection connection)
    {
        Interlocked.Increment(ref _connections);
        lock (_lock)
            _open.Add(connection, Task.Run(() => RunAsync(connection)));
    }

    private async Task RunAsync(ProxyConnection connection)
    {
        await connection.RunAsync();
        lock (_lock)
        {
            _open.Remove(connection);
            connection.Dispose();
        }
    }

    private void Switch(ProxyLink link, LinkFault fault)
    {
        link.Switch(fault);
        lock (_lock)
        {
            foreach (var connection in _open.Keys.ToArray())
                connection.ResetIfDamaged();
        }
    }
}
