using System.Diagnostics.Metrics;
using IotBackend.Application.Monitoring;

namespace IotBackend.Api.Mqtt;

/// <summary>What is counted of MQTT.</summary>
internal static class MqttFigures
{
    public const string Accepted = "ok";

    /// <summary>Clients that are connected.</summary>
    public static readonly UpDownCounter<int> Clients =
        Telemetry.Meter.CreateUpDownCounter<int>("iotbackend.mqtt.clients", "{client}", "Clients that were let in and are connected.");

    /// <summary>Messages by what became of them: <see cref="Accepted"/>, or the code of the refusal.</summary>
    public static readonly Counter<long> Messages =
        Telemetry.Meter.CreateCounter<long>("iotbackend.mqtt.messages", "{message}", "Messages that were published.");

    public static void CountMessage(string outcome) => Messages.Add(1, KeyValuePair.Create<string, object?>("outcome", outcome));
}
