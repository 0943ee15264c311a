namespace IotBackend.Api.Mqtt;

/// <summary>Whether the listener ends: what was begun goes on, nothing more is begun.</summary>
internal sealed class MqttDrain
{
    private volatile bool _hasBegun;

    public bool HasBegun => _hasBegun;

    public void Begin() => _hasBegun = true;
}
