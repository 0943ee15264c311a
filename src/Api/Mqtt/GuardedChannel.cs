using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace IotBackend.Api.Mqtt;

/// <summary>The bytes of a connection, in both directions. Whoever sends or takes them too slowly is cut off.</summary>
internal sealed class GuardedChannel(Stream stream, PacketGuard guard, Peer peer, TimeSpan patience, TimeProvider time) : IMqttChannel
{
    // The library asks for headers byte by byte.
    private const int BufferBytes = 4 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    public X509Certificate2? ClientCertificate => peer.Certificate;

    public EndPoint RemoteEndPoint => peer.Remote;

    public EndPoint LocalEndPoint => peer.Local;

    public bool IsSecureConnection => peer.IsSecure;

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        Abort();
        return Task.CompletedTask;
    }

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
            return 0;
        var length = await guard.PassAsync(_buffer.AsMemory(_start, Math.Min(count, _end - _start)), cancellationToken);
        _buffer.AsSpan(_start, length).CopyTo(buffer.AsSpan(offset));
        _start += length;
        return length;
    }

    public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var part in buffer)
                await WithinAsync(stream.WriteAsync(part, cancellationToken).AsTask(), patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Half a packet may be on its way; and the library would go on with the next.
            Abort();
            throw;
        }
    }

    /// <summary>Ends the connection without a word; what reads or writes fails.</summary>
    public void Abort() => stream.Dispose();

    public void Dispose()
    {
        Abort();
        guard.Dispose();
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        var reading = stream.ReadAsync(_buffer, cancellationToken);
        (_start, _end) = (0, 0);
        if (reading.IsCompleted || guard.Rest is not { } rest)
            _end = await reading;
        else
            _end = await WithinAsync(reading.AsTask(), rest, cancellationToken);
        return _end > 0;
    }

    private Task WithinAsync(Task task, TimeSpan most, CancellationToken cancellationToken) => task.WaitAsync(most, time, cancellationToken);

    private Task<int> WithinAsync(Task<int> task, TimeSpan most, CancellationToken cancellationToken) => task.WaitAsync(most, time, cancellationToken);
}

/// <summary>Who is at the other end.</summary>
internal sealed record Peer(IPEndPoint Remote, IPEndPoint Local, bool IsSecure, X509Certificate2? Certificate);
