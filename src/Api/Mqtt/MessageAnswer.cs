using IotBackend.Domain.Results;
using MQTTnet.Protocol;

namespace IotBackend.Api.Mqtt;

/// <summary>What a client is told of a message that was not stored, or not as a whole. The one place where kinds of failures become reasons of MQTT.</summary>
internal static class MessageAnswer
{
    /// <summary>The reason in the acknowledgement of version 5.</summary>
    /// <param name="error">Why nothing was stored.</param>
    /// <param name="isTopic">Whether the topic is at fault.</param>
    public static MqttPubAckReasonCode ReasonOf(Error error, bool isTopic) => error.Kind switch
    {
        _ when isTopic => MqttPubAckReasonCode.TopicNameInvalid,
        ErrorKind.Invalid or ErrorKind.UnsupportedMediaType or ErrorKind.TooLarge => MqttPubAckReasonCode.PayloadFormatInvalid,
        ErrorKind.Unauthenticated or ErrorKind.Forbidden => MqttPubAckReasonCode.NotAuthorized,
        ErrorKind.NotFound => MqttPubAckReasonCode.TopicNameInvalid,
        ErrorKind.RateLimited => MqttPubAckReasonCode.QuotaExceeded,
        ErrorKind.Unavailable or ErrorKind.Timeout => MqttPubAckReasonCode.ImplementationSpecificError,
        _ => MqttPubAckReasonCode.UnspecifiedError,
    };

    /// <summary>
    /// Whether the same message may be stored later. A client of version 3.1.1 can not be told why, so what passes is not acknowledged, and the client sends it
    /// again; what does not pass is acknowledged, or he would send it for ever.
    /// </summary>
    public static bool Passes(Error error) => error.Kind is ErrorKind.RateLimited or ErrorKind.Unavailable or ErrorKind.Timeout or ErrorKind.Internal;

    /// <summary>Whether the client may not stay, whatever it sends next.</summary>
    public static MqttDisconnectReasonCode? ReasonToDisconnect(Error error) => error switch
    {
        { Kind: ErrorKind.Unauthenticated } => MqttDisconnectReasonCode.NotAuthorized,
        { Code: ErrorCodes.Blocked } => MqttDisconnectReasonCode.AdministrativeAction,
        { Code: ErrorCodes.NetworkNotAllowed } => MqttDisconnectReasonCode.NotAuthorized,
        _ => null,
    };

    /// <summary>The reason in the answer to a first packet.</summary>
    public static MqttConnectReasonCode ReasonToRefuse(Error error) => error switch
    {
        { Code: ErrorCodes.Blocked } => MqttConnectReasonCode.Banned,
        { Kind: ErrorKind.Unauthenticated } => MqttConnectReasonCode.BadUserNameOrPassword,
        { Kind: ErrorKind.Forbidden } => MqttConnectReasonCode.NotAuthorized,
        { Kind: ErrorKind.RateLimited } => MqttConnectReasonCode.QuotaExceeded,
        { Code: ErrorCodes.Overloaded } => MqttConnectReasonCode.ServerBusy,
        { Kind: ErrorKind.Unavailable } => MqttConnectReasonCode.ServerUnavailable,
        { Kind: ErrorKind.Invalid } => MqttConnectReasonCode.ClientIdentifierNotValid,
        _ => MqttConnectReasonCode.UnspecifiedError,
    };
}
