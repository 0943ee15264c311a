using IotBackend.Api.Mqtt;
using IotBackend.Domain.Results;
using MQTTnet.Protocol;
using Xunit;

namespace IotBackend.UnitTests.Mqtt;

/// <summary>Which reason stands for which failure, and which failures pass.</summary>
public sealed class MessageAnswerTests
{
    [Theory]
    [InlineData(ErrorKind.Invalid, MqttPubAckReasonCode.PayloadFormatInvalid, false)]
    [InlineData(ErrorKind.UnsupportedMediaType, MqttPubAckReasonCode.PayloadFormatInvalid, false)]
    [InlineData(ErrorKind.TooLarge, MqttPubAckReasonCode.PayloadFormatInvalid, false)]
    [InlineData(ErrorKind.Forbidden, MqttPubAckReasonCode.NotAuthorized, false)]
    [InlineData(ErrorKind.Unauthenticated, MqttPubAckReasonCode.NotAuthorized, false)]
    [InlineData(ErrorKind.NotFound, MqttPubAckReasonCode.TopicNameInvalid, false)]
    [InlineData(ErrorKind.RateLimited, MqttPubAckReasonCode.QuotaExceeded, true)]
    [InlineData(ErrorKind.Unavailable, MqttPubAckReasonCode.ImplementationSpecificError, true)]
    [InlineData(ErrorKind.Timeout, MqttPubAckReasonCode.ImplementationSpecificError, true)]
    [InlineData(ErrorKind.Internal, MqttPubAckReasonCode.UnspecifiedError, true)]
    public void Failure_has_a_reason_and_passes_or_does_not(ErrorKind kind, MqttPubAckReasonCode reason, bool passes)
    {
        var error = new Error(kind, "code", "message");
        Assert.Equal((reason, passes), (MessageAnswer.ReasonOf(error, isTopic: false), MessageAnswer.Passes(error)));
        Assert.Equal(MqttPubAckReasonCode.TopicNameInvalid, MessageAnswer.ReasonOf(error, isTopic: true));
    }

    [Theory]
    [InlineData(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, MqttDisconnectReasonCode.NotAuthorized)]
    [InlineData(ErrorKind.Forbidden, ErrorCodes.Blocked, MqttDisconnectReasonCode.AdministrativeAction)]
    [InlineData(ErrorKind.Forbidden, ErrorCodes.NetworkNotAllowed, MqttDisconnectReasonCode.NotAuthorized)]
    [InlineData(ErrorKind.Forbidden, ErrorCodes.DeviceNotAllowed, null)]
    [InlineData(ErrorKind.Invalid, ErrorCodes.InvalidRequest, null)]
    [InlineData(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, null)]
    public void Only_who_may_not_be_here_is_sent_away(ErrorKind kind, string code, MqttDisconnectReasonCode? reason) =>
        Assert.Equal(reason, MessageAnswer.ReasonToDisconnect(new Error(kind, code, "message")));

    [Theory]
    [InlineData(ErrorKind.Forbidden, ErrorCodes.Blocked, MqttConnectReasonCode.Banned)]
    [InlineData(ErrorKind.Forbidden, ErrorCodes.InsufficientScope, MqttConnectReasonCode.NotAuthorized)]
    [InlineData(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, MqttConnectReasonCode.BadUserNameOrPassword)]
    [InlineData(ErrorKind.RateLimited, ErrorCodes.TooManyConnections, MqttConnectReasonCode.QuotaExceeded)]
    [InlineData(ErrorKind.Unavailable, ErrorCodes.Overloaded, MqttConnectReasonCode.ServerBusy)]
    [InlineData(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, MqttConnectReasonCode.ServerUnavailable)]
    public void Refusal_at_the_door_has_a_reason(ErrorKind kind, string code, MqttConnectReasonCode reason) =>
        Assert.Equal(reason, MessageAnswer.ReasonToRefuse(new Error(kind, code, "message")));
}
