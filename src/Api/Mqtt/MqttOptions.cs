using System.ComponentModel.DataAnnotations;
using System.Net;
using IotBackend.Api.Http;
using IotBackend.Api.Security;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Mqtt;

/// <summary>Section <c>Mqtt</c>: the listener for devices that speak MQTT.</summary>
public sealed class MqttOptions : IValidatableObject
{
    public const string Section = "Mqtt";

    public bool Enabled { get; set; }

    /// <summary>The address of this machine that is listened on.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Whether connections are open, under TLS, or either, each on its port.</summary>
    [EnumDataType(typeof(MqttTransport))]
    public MqttTransport Transport { get; set; } = MqttTransport.Plain;

    /// <summary>The port of open connections; 0: one that is free.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; } = 1883;

    /// <summary>The port of connections under TLS; 0: one that is free.</summary>
    [Range(0, 65_535)]
    public int TlsPort { get; set; } = 8883;

    /// <summary>The oldest version of TLS that is spoken.</summary>
    [EnumDataType(typeof(TlsVersion))]
    public TlsVersion MinimumProtocol { get; set; } = TlsVersion.Tls12;

    /// <summary>Connections at a time.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 4_096;

    /// <summary>Connections at a time of one key.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerKey { get; set; } = 1_024;

    /// <summary>Connections at a time of one address that have not been let in yet.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnknownPerAddress { get; set; } = 256;

    /// <summary>Bytes of a packet, with its header.</summary>
    [Range(1_024, 256 << 20)]
    public int MaxPacketBytes { get; set; } = 1 << 20;

    /// <summary>Messages that a client may send before the first of them is acknowledged.</summary>
    [Range(1, 65_535)]
    public int MaxInFlight { get; set; } = 64;

    /// <summary>Seconds within which the first packet has to come, and before it the handshake of TLS.</summary>
    [Range(0.1, 600d)]
    public double ConnectSeconds { get; set; } = 10;

    /// <summary>Seconds within which a packet that has begun has to come as a whole, and one that is sent has to be taken.</summary>
    [Range(0.1, 3_600d)]
    public double PacketSeconds { get; set; } = 30;

    /// <summary>The longest keep-alive, in seconds; half as much again without a packet ends a connection.</summary>
    [Range(1, 65_535)]
    public int MaxKeepAliveSeconds { get; set; } = 1_200;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Address, out _))
            yield return new ValidationResult($"'{Address}' is no address such as 127.0.0.1, 0.0.0.0 or [::].", [nameof(Address)]);
        if (Transport == MqttTransport.Both && Port == TlsPort && Port != 0)
            yield return new ValidationResult($"The value must differ from {nameof(Port)}.", [nameof(TlsPort)]);
    }

    /// <summary>Whether the largest packet has room; without the listener there are no packets.</summary>
    internal sealed class Fit(IOptions<OverloadOptions> overload) : IValidateOptions<MqttOptions>
    {
        public ValidateOptionsResult Validate(string? name, MqttOptions options) =>
            !options.Enabled || PacketGuard.Copies * (long)options.MaxPacketBytes <= overload.Value.MaxBodyBytes
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"{nameof(MaxPacketBytes)} must not be more than {OverloadOptions.Section}:{nameof(OverloadOptions.MaxBodyBytes)} divided by {PacketGuard.Copies}, or a packet of that size could never be taken.");
    }
}

public enum MqttTransport
{
    Plain,
    Tls,
    Both,
}
