namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>What was made of one window.</summary>
/// <param name="Start">Start of the window in nanoseconds since 1970.</param>
/// <param name="Values">In the order of the functions that were asked for; not a number where there is none, which a stored value never is.</param>
public readonly record struct WindowPoint(long Start, double[] Values);
