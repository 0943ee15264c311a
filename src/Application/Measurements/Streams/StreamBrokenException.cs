using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Streams;

/// <summary>A stream can not go on. What was taken of it before is good.</summary>
public sealed class StreamBrokenException(Error error) : Exception(error.Message)
{
    public Error Error => error;
}
