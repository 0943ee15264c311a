namespace IotBackend.Application.Measurements.Idempotency;

/// <summary>An answer in the bytes of its protocol, so that a retry gets the very same.</summary>
/// <param name="Status">The protocol's code of the outcome.</param>
/// <param name="Body">What was sent.</param>
public sealed record KeptAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>True when it is not the first time that it is given.</summary>
    public bool IsReplay { get; init; }
}
