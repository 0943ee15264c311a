using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Api.Security;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// The packets of a connection on their way between client and library. What the library would keep for a client without a bound is cut down here: sessions,
/// topic aliases, answers that are not taken. Says in the first answer what is offered, and stops reading when the program ends.
/// </summary>
internal sealed class MqttConnection(MqttChannelAdapter inner, GuardedChannel channel, PacketGuard guard, Peer peer, MqttOptions options, MqttDrain drain)
    : IMqttChannelAdapter
{
    /// <summary>Topic aliases of a connection.</summary>
    public const ushort MaxTopicAliases = 16;

    // Answers that wait until the client takes them; after these nothing is read.
    private const int MaxUnanswered = 64;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _unanswered = new(MaxUnanswered, MaxUnanswered);
    private volatile bool _isHandling;
    private int _isClosed;
    private IDisposable? _stay;

    public IPAddress Address => peer.Remote.Address;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    /// <summary>Whether there were more connections than are taken when this one came.</summary>
    public bool IsSurplus { get; init; }

    /// <summary>What is to be disposed once the client has been let in, or has gone.</summary>
    public IDisposable? Waiting { get; init; }

    /// <summary>The first packet; null before it came.</summary>
    public MqttConnectPacket? First { get; private set; }

    /// <summary>Whether the client asked for a session that it might come back to.</summary>
    public bool AskedForSession { get; private set; }

    /// <summary>What the client has shown; null before it was let in.</summary>
    public Credential? Credential { get; private set; }

    public bool IsVersion5 => PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;

    /// <summary>Whether nothing of what was read waits to be handled, or its answer to be sent.</summary>
    public bool IsIdle => !_isHandling && _unanswered.CurrentCount == MaxUnanswered;

    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    /// <summary>What ends when the connection does.</summary>
    public void EndsWith(IDisposable stay) => _stay = stay;

    /// <summary>The client may go on.</summary>
    public void LetIn(Credential credential)
    {
        Credential = credential;
        guard.MaxBytes = options.MaxPacketBytes;
        Waiting?.Dispose();
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public void ResetStatistics() => inner.ResetStatistics();

    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        _isHandling = false;
        var packet = await ReceiveAsync(cancellationToken);
        if (packet is MqttConnectPacket first)
            Prepare(first);
        else if (packet is MqttPublishPacket { TopicAlias: > MaxTopicAliases })
            return await EndAsync(MqttDisconnectReasonCode.TopicAliasInvalid, $"Topic aliases go up to {MaxTopicAliases}.");
        if (IsAnswered(packet))
            await _unanswered.WaitAsync(cancellationToken);
        _isHandling = true;
        if (drain.HasBegun)
            await StayAsync(packet, cancellationToken);
        return packet;
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success } accepted)
            DescribeOffer(accepted);
        try
        {
            await inner.SendPacketAsync(packet, cancellationToken);
        }
        finally
        {
            if (IsAnswer(packet) && _unanswered.CurrentCount < MaxUnanswered)
                _unanswered.Release();
        }
    }

    /// <summary>Ends the connection, and says why where the version of the protocol can.</summary>
    public async Task CloseAsync(MqttDisconnectReasonCode reason, string text)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 1)
            return;
        if (IsVersion5)
        {
            try
            {
                using var patience = new CancellationTokenSource(LastWords, TimeProvider.System);
                await inner.SendPacketAsync(new MqttDisconnectPacket { ReasonCode = reason, ReasonString = text }, patience.Token);
            }
#pragma warning disable CA1031 // Whatever goes wrong with the last words, the connection ends.
            catch (Exception)
            {
                // The client has gone, or takes nothing.
            }
#pragma warning restore CA1031
        }

        channel.Abort();
    }

    public void Dispose()
    {
        _stay?.Dispose();
        Waiting?.Dispose();
        inner.Dispose();
        channel.Dispose();
        _unanswered.Dispose();
    }

    private async Task<MqttPacket?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.ReceivePacketAsync(cancellationToken);
        }
        catch (Exception exception) when ((exception as PacketTooLargeException ?? exception.InnerException) is PacketTooLargeException tooLarge)
        {
            return await EndAsync(MqttDisconnectReasonCode.PacketTooLarge, tooLarge.Message);
        }
    }

    private async Task<MqttPacket?> EndAsync(MqttDisconnectReasonCode reason, string text)
    {
        await CloseAsync(reason, text);
        return null;
    }

    // Nothing is kept of a client that has gone, so none is offered a session. The library measures keep-alive by the packet.
    private void Prepare(MqttConnectPacket first)
    {
        AskedForSession = !first.CleanSession;
        (first.CleanSession, first.SessionExpiryInterval) = (true, 0);
        if (first.KeepAlivePeriod == 0 || first.KeepAlivePeriod > options.MaxKeepAliveSeconds)
            first.KeepAlivePeriod = (ushort)options.MaxKeepAliveSeconds;
        First = first;
    }

    private void DescribeOffer(MqttConnAckPacket accepted)
    {
        accepted.IsSessionPresent = false;
        if (!IsVersion5)
            return;
        accepted.SessionExpiryInterval = 0;
        accepted.ServerKeepAlive = First!.KeepAlivePeriod;
        accepted.MaximumPacketSize = (uint)options.MaxPacketBytes;
        accepted.ReceiveMaximum = (ushort)options.MaxInFlight;
        accepted.TopicAliasMaximum = MaxTopicAliases;
        accepted.RetainAvailable = false;
        accepted.SubscriptionIdentifiersAvailable = false;
        accepted.SharedSubscriptionAvailable = false;
        accepted.WildcardSubscriptionAvailable = false;
    }

    // What is read now would be cut off in the middle: the client sends it again elsewhere, or later.
    private async Task StayAsync(MqttPacket? packet, CancellationToken cancellationToken)
    {
        if (IsAnswered(packet))
            _unanswered.Release();
        _isHandling = false;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private static bool IsAnswered(MqttPacket? packet) => packet is MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce }
        or MqttPingReqPacket or MqttSubscribePacket or MqttUnsubscribePacket or MqttPubRelPacket or MqttPubRecPacket;

    private static bool IsAnswer(MqttPacket packet) => packet is MqttPubAckPacket or MqttPubRecPacket or MqttPubCompPacket or MqttPubRelPacket
        or MqttPingRespPacket or MqttSubAckPacket or MqttUnsubAckPacket;
}
