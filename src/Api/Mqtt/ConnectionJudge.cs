using System.Text;
using System.Text.Unicode;
using IotBackend.Api.Http;
using IotBackend.Api.Security;
using IotBackend.Application.Access;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Lets a client in, or tells why not. Its password is an API key, or its certificate stands for one; its user name says nothing. A client that may store
/// nothing is told at once, because later a client of version 3.1.1 could not be told at all.
/// </summary>
internal sealed partial class ConnectionJudge(
    IApiKeyAuthenticator authenticator,
    Gate gate,
    CallerWatch watch,
    KeyPlaces places,
    TimeProvider time,
    ILogger<ConnectionJudge> logger)
{
    private const int MaxPasswordBytes = 1_024;

    private static readonly Error Missing =
        new(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required: send it as the password.");

    private static readonly Error NotAText =
        new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The API key is not valid.");

    private static readonly Error MayNotWrite =
        new(ErrorKind.Forbidden, ErrorCodes.InsufficientScope, $"The key lacks the scope '{Scopes.MeasurementsWrite.ToNames()[0]}'.");

    private static readonly Error Full = new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "As many clients are connected as this server takes.");

    private static readonly Error FullForKey = new(ErrorKind.RateLimited, ErrorCodes.TooManyConnections, "The key has as many connections as it may.");

    private static readonly Error NoName =
        new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "A client that asks for a session needs a client identifier; here it gets no session in any case.");

    private readonly Tally _overloaded = new(time, TimeSpan.FromSeconds(10));

    /// <summary>Answers the first packet of a connection.</summary>
    /// <returns>What is to be disposed when the connection has ended; null when it was refused.</returns>
    public async Task<IDisposable?> JudgeAsync(ValidatingConnectionEventArgs first, MqttConnection connection)
    {
        if (connection.PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V310)
            return Refuse(first, connection, MqttConnectReasonCode.UnsupportedProtocolVersion, null);
        if (!string.IsNullOrEmpty(first.AuthenticationMethod))
            return Refuse(first, connection, MqttConnectReasonCode.BadAuthenticationMethod, null);
        var result = await AdmitAsync(first, connection);
        if (result.Error is { } error)
            return Refuse(first, connection, MessageAnswer.ReasonToRefuse(error), error);
        Name(first, connection, result.Value.KeyId);
        return result.Value;
    }

    private async Task<Result<Stay>> AdmitAsync(ValidatingConnectionEventArgs first, MqttConnection connection)
    {
        if (connection.IsSurplus)
            return Full;
        if (gate.CheckAddress(connection.Address) is { } blocked)
            return blocked;
        var (credential, unusable) = CredentialOf(first);
        if (credential is null)
        {
            gate.Refused(unusable!, connection.Address);
            return unusable!;
        }

        var result = await credential.AuthenticateAsync(authenticator, connection.Address, time.GetUtcNow(), first.CancellationToken);
        return gate.Judge(result, connection.Address) is { } refusal ? refusal : Admit(result.Value, credential, first, connection);
    }

    // Costs nothing of what the key's tier allows: a client of version 3.1.1 that has used all of it is sent away, and has to come back.
    private Result<Stay> Admit(Caller caller, Credential credential, ValidatingConnectionEventArgs first, MqttConnection connection)
    {
        if (!caller.Scopes.Allows(Scopes.MeasurementsWrite))
            return MayNotWrite;
        if (string.IsNullOrEmpty(first.ClientId) && connection.AskedForSession && !connection.IsVersion5)
            return NoName;
        if (places.TryTake(caller.KeyId, out var isKeys) is not { } place)
            return isKeys ? FullForKey : Full;
        connection.LetIn(credential);
        return new Stay(caller.KeyId, place, watch.Add(caller, credential, connection.Address, now => End(connection, now)));
    }

    private (Credential? Credential, Error? Unusable) CredentialOf(ValidatingConnectionEventArgs first)
    {
        if (first.RawPassword is { Length: > 0 } password)
        {
            return password.Length <= MaxPasswordBytes && Utf8.IsValid(password)
                ? (Credential.OfKey(Encoding.UTF8.GetString(password).Trim()), null)
                : (null, NotAText);
        }

        if (first.ClientCertificate is not { } certificate)
            return (null, Missing);
        return Credential.IsValidAt(certificate, time.GetUtcNow()) ? (Credential.Of(certificate), null) : (null, Credential.NotValidNow);
    }

    // In the background, because who watches must not wait for a client that takes nothing.
    private static void End(MqttConnection connection, Result<Caller> now)
    {
        if (now.Error is { } error)
            _ = connection.CloseAsync(MessageAnswer.ReasonToDisconnect(error) ?? MqttDisconnectReasonCode.NotAuthorized, error.Message);
    }

    // A client identifier is the key's own: else whoever takes that of another would end his connection.
    private static void Name(ValidatingConnectionEventArgs first, MqttConnection connection, string keyId)
    {
        var packet = connection.First!;
        if (NameUnlessNamed(connection) && connection.IsVersion5)
            first.AssignedClientIdentifier = packet.ClientId;
        packet.ClientId = $"{keyId}/{packet.ClientId}";
    }

    private static bool NameUnlessNamed(MqttConnection connection)
    {
        if (!string.IsNullOrEmpty(connection.First!.ClientId))
            return false;
        connection.First.ClientId = Guid.NewGuid().ToString("N");
        return true;
    }

    private IDisposable? Refuse(ValidatingConnectionEventArgs first, MqttConnection connection, MqttConnectReasonCode reason, Error? error)
    {
        // The library would find fault with a missing name instead.
        NameUnlessNamed(connection);
        first.ReasonCode = reason;
        first.ReasonString = error?.Message;
        if (error?.Code != ErrorCodes.Overloaded)
            Log.Refused(logger, connection.Address, reason, error?.Code ?? ErrorCodes.InvalidRequest);
        else if (_overloaded.CountToTell() is { } count)
            Log.Overloaded(logger, count);
        return null;
    }

    private sealed class Stay : IDisposable
    {
        private readonly IDisposable _place;
        private readonly IDisposable _watch;

        public Stay(string keyId, IDisposable place, IDisposable watch)
        {
            (KeyId, _place, _watch) = (keyId, place, watch);
            MqttFigures.Clients.Add(1);
        }

        public string KeyId { get; }

        public void Dispose()
        {
            _watch.Dispose();
            _place.Dispose();
            MqttFigures.Clients.Add(-1);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(113, LogLevel.Information, "MQTT: a client at {Address} was refused: {Reason}, {Code}")]
        public static partial void Refused(ILogger logger, System.Net.IPAddress address, MqttConnectReasonCode reason, string code);

        [LoggerMessage(114, LogLevel.Warning, "MQTT: {Count} clients were refused since this was last told, because as many are connected as Mqtt:MaxConnections says")]
        public static partial void Overloaded(ILogger logger, long count);
    }
}
