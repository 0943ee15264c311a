namespace IotBackend.Api.Mqtt;

/// <summary>A client has begun a packet that is larger than it may be.</summary>
internal sealed class PacketTooLargeException(long bytes, long most) : IOException($"A packet of {bytes} bytes has begun, and {most} are allowed.");
