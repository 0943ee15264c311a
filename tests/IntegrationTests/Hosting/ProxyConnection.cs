using System.Net.Sockets;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One connection through a <see cref="FaultProxy"/>. The server is called when there is something to tell it.</summary>
internal sealed class ProxyConnection(Socket client, Uri target, ProxyLink requests, ProxyLink answers) : IDisposable
{
    private const int BufferSize = 1 << 18;
    private const int SlicesPerSecond = 20;

    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _hasLost;

    /// <summary>Carries bytes in both directions until either end is done or a fault has ended it.</summary>
    public async Task RunAsync()
    {
        try
        {
            client.NoDelay = true;
            await RunRequestsAsync();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset();
        }
    }

    /// <summary>Ends the connection as a crash of the other end would.</summary>
    public void Reset()
    {
        _ended.Cancel();
        Reset(client);
        Reset(_server);
    }

    /// <summary>What comes after lost bytes makes no sense to anybody.</summary>
    public void ResetIfDamaged()
    {
        if (_hasLost)
            Reset();
    }

    public void Dispose()
    {
        _ended.Dispose();
        client.Dispose();
        _server.Dispose();
    }

    private async Task RunRequestsAsync()
    {
        Task? answering = null;
        await foreach (var bytes in ReceiveAsync(client, requests))
        {
            if (!_server.Connected)
            {
                await _server.ConnectAsync(target.Host, target.Port, _ended.Token);
                answering = RunAnswersAsync();
            }

            await SendAsync(bytes, _server, requests);
        }

        if (_server.Connected)
            _server.Shutdown(SocketShutdown.Send);
        if (answering is not null)
            await answering;
    }

    private async Task RunAnswersAsync()
    {
        try
        {
            await foreach (var bytes in ReceiveAsync(_server, answers))
                await SendAsync(bytes, client, answers);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset();
        }
    }

    // What may go on of what comes, as the fault of the moment has it; ends when a fault or the sender ends it.
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(Socket from, ProxyLink link)
    {
        var buffer = new byte[BufferSize];
        var fault = link.Fault;
        var passed = 0L;
        var hasLost = false;
        for (int read; (read = await from.ReceiveAsync(buffer, SocketFlags.None, _ended.Token)) > 0;)
        {
            var delaying = link.Fault;
            await link.WaitAsync(delaying, delaying.Delay, _ended.Token);
            if (!ReferenceEquals(fault, link.Fault))
                (fault, passed) = (link.Fault, 0);
            if (fault.IsBlackHole || hasLost)
            {
                _hasLost = hasLost = true;
                continue;
            }

            var last = Math.Min(fault.CutAfter ?? long.MaxValue, fault.EndAfter ?? long.MaxValue) - passed;
            if (last > 0)
                yield return buffer.AsMemory(0, (int)Math.Min(read, last));
            passed += read;
            if (passed < fault.CutAfter || (fault.CutAfter is null && (fault.EndAfter is null || passed < fault.EndAfter)))
                continue;
            if (fault.CutAfter is not null)
                throw new OperationCanceledException();
            yield break;
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, Socket to, ProxyLink link)
    {
        while (!bytes.IsEmpty)
        {
            var fault = link.Fault;
            var slice = fault.BytesPerSecond is { } pace ? bytes[..Math.Min(bytes.Length, Math.Max(1, pace / SlicesPerSecond))] : bytes;
            await to.SendAsync(slice, SocketFlags.None, _ended.Token);
            link.Count(slice.Length);
            bytes = bytes[slice.Length..];
            if (fault.BytesPerSecond is { } rate)
                await link.WaitAsync(fault, TimeSpan.FromSeconds((double)slice.Length / rate), _ended.Token);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}
