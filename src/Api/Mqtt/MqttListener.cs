using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Api.Composition;
using IotBackend.Api.Http;
using IotBackend.Api.Security;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Options;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Takes connections. The library's own listener shows one certificate for ever, without those between it and its root, and takes as many connections and
/// packets as come; this one is bound by settings.
/// </summary>
internal sealed partial class MqttListener(
    IOptions<MqttOptions> options,
    IOptions<HttpsOptions> https,
    ServerCertificate certificate,
    BodyBudget budget,
    MqttDrain drain,
    TimeProvider time,
    ILogger<MqttListener> logger) : IMqttServerAdapter
{
    private const int Backlog = 512;

    // Connections beyond the limit that are told so; what is beyond these is closed without a word.
    private const int Surplus = 64;

    // First packets and answers are small; what is larger grows for a moment.
    private const int WriterBytes = 1 << 10;
    private const int WriterBytesKept = 64 << 10;

    private readonly MqttOptions _options = options.Value;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<MqttConnection, Task> _connections = new();
    private readonly List<Socket> _sockets = [];
    private readonly Tally _refused = new(time, TimeSpan.FromSeconds(10));

    // By address, so that no host keeps all others out by connections on which it says nothing.
    private readonly KeyPlaces _waiting = new(int.MaxValue, options.Value.MaxUnknownPerAddress);
    private readonly Tally _unheard = new(time, TimeSpan.FromSeconds(10));
    private readonly List<Task> _accepting = [];
    private int _open;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>Where open connections are taken; null when they are not.</summary>
    public IPEndPoint? Plain { get; private set; }

    /// <summary>Where connections under TLS are taken; null when they are not.</summary>
    public IPEndPoint? Secure { get; private set; }

    public ICollection<MqttConnection> Connections => _connections.Keys;

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        if (_options.Transport != MqttTransport.Plain && certificate.Current is null)
            throw new SettingException($"{MqttOptions.Section}:{nameof(MqttOptions.Transport)}", "TLS needs a certificate: set Kestrel:Certificates:Default:Path with :KeyPath (PEM) or :Password (PFX).");
        if (_options.Transport != MqttTransport.Tls)
            Plain = Listen(_options.Port, nameof(MqttOptions.Port), isSecure: false);
        if (_options.Transport != MqttTransport.Plain)
            Secure = Listen(_options.TlsPort, nameof(MqttOptions.TlsPort), isSecure: true);
        return Task.CompletedTask;
    }

    /// <summary>Takes no further connections; those that are there go on.</summary>
    public async Task CloseDoorsAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        await Task.WhenAll(_accepting);
    }

    public async Task StopAsync()
    {
        await CloseDoorsAsync();
        await _stopping.CancelAsync();
        await Task.WhenAll(_connections.Values);
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _stopping.Dispose();
    }

    private IPEndPoint Listen(int port, string setting, bool isSecure)
    {
        var wanted = new IPEndPoint(IPAddress.Parse(_options.Address), port);
        var socket = new Socket(wanted.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        try
        {
            if (wanted.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(wanted);
            socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            throw new SettingException($"{MqttOptions.Section}:{setting}", $"the server can not listen on {wanted}: {exception.Message}.");
        }

        _accepting.Add(AcceptAsync(socket, isSecure));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private async Task AcceptAsync(Socket listening, bool isSecure)
    {
        while (true)
        {
            try
            {
                var socket = await listening.AcceptAsync(_stopping.Token);
                _ = ServeAsync(socket, isSecure);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException exception)
            {
                // Such as no file handle left, or a client that has gone already.
                Log.NotAccepted(logger, exception.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket, bool isSecure)
    {
        using var owned = socket;
        var open = Interlocked.Increment(ref _open);
        try
        {
            if (open > _options.MaxConnections + Surplus)
                CountRefused();
            else
                await ServeAsync(socket, isSecure, isSurplus: open > _options.MaxConnections);
        }
#pragma warning disable CA1031 // Nobody waits for a connection; whatever ends one ends no other.
        catch (Exception exception)
        {
            Log.Ended(logger, exception.Message);
        }
#pragma warning restore CA1031
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ServeAsync(Socket socket, bool isSecure, bool isSurplus)
    {
        var (remote, local) = ((IPEndPoint)socket.RemoteEndPoint!, (IPEndPoint)socket.LocalEndPoint!);
        using var waiting = _waiting.TryTake(NetworkOf(remote.Address), out _);
        if (waiting is null)
        {
            if (_unheard.CountToTell() is { } count)
                Log.Unheard(logger, count, _options.MaxUnknownPerAddress, remote.Address);
            return;
        }

        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        X509Certificate2? shown = null;
        if (isSecure)
            (stream, shown) = await SecureAsync(stream);
        await using var owned = stream;
        using var connection = Connect(stream, new Peer(remote, local, isSecure, shown), isSurplus, waiting);
        if (ClientHandler is not { } handler)
            return;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ended.Task;
        try
        {
            await handler(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        }
    }

    private MqttConnection Connect(Stream stream, Peer peer, bool isSurplus, IDisposable waiting)
    {
        var patience = TimeSpan.FromSeconds(_options.PacketSeconds);
        var guard = new PacketGuard(budget, patience, time);
        var channel = new GuardedChannel(stream, guard, peer, patience, time);
        var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(WriterBytes, WriterBytesKept));
        var adapter = new MqttChannelAdapter(channel, formatter, MqttNetNullLogger.Instance) { AllowPacketFragmentation = false };
        return new MqttConnection(adapter, channel, guard, peer, _options, drain) { IsSurplus = isSurplus, Waiting = waiting };
    }

    private async Task<(Stream Stream, X509Certificate2? Shown)> SecureAsync(Stream open)
    {
        var stream = new SslStream(open);
        try
        {
            using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(_options.ConnectSeconds), time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, _stopping.Token);
            var handshake = TlsHandshake.Options(certificate.Current!, _options.MinimumProtocol, https.Value.ClientCertificates);
            await stream.AuthenticateAsServerAsync(handshake, patience.Token);
            return (stream, stream.RemoteCertificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.GetRawCertData()) : null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static string NetworkOf(IPAddress address) => AddressNetwork.Of(address, 32, FailedCredentials.PrefixIPv6).ToString();

    private void CountRefused()
    {
        if (_refused.CountToTell() is { } count)
            Log.Full(logger, count, _options.MaxConnections);
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "MQTT: a connection could not be taken: {Reason}")]
        public static partial void NotAccepted(ILogger logger, string reason);

        [LoggerMessage(111, LogLevel.Debug, "MQTT: a connection has ended: {Reason}")]
        public static partial void Ended(ILogger logger, string reason);

        [LoggerMessage(112, LogLevel.Warning, "MQTT: {Count} connections beyond the {Most} of Mqtt:MaxConnections were closed since this was last told")]
        public static partial void Full(ILogger logger, long count, int most);

        [LoggerMessage(119, LogLevel.Warning, "MQTT: {Count} connections were closed since this was last told, because {Most} of their address are not let in yet (Mqtt:MaxUnknownPerAddress); the last came from {Address}")]
        public static partial void Unheard(ILogger logger, long count, int most, IPAddress address);
    }
}
