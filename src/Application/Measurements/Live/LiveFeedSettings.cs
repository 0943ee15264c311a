namespace IotBackend.Application.Measurements.Live;

/// <param name="BufferBytes">Bytes of recent events that are kept: for who comes back, and for who reads more slowly than is written.</param>
public sealed record LiveFeedSettings(long BufferBytes);
