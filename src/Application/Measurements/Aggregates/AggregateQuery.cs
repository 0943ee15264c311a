using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Application.Measurements.Aggregates;

/// <param name="Selection">What is asked for; without named fields, those that are numbers.</param>
/// <param name="Windows">The windows, of the range that was asked for. The selection may begin later, at what the bucket keeps.</param>
/// <param name="Functions">What is made of the values of each window; at least one.</param>
/// <param name="MaxPoints">Windows with values that the answer may have, over all series.</param>
public sealed record AggregateQuery(
    MeasurementSelection Selection, WindowGrid Windows, IReadOnlyList<AggregateFunction> Functions, int MaxPoints)
{
    /// <summary>Values of windows that are in memory at a time, for functions that need all of a window's: 80 megabytes.</summary>
    public const int MostHeldValues = 10_000_000;

    /// <summary>Values that may be in memory at a time.</summary>
    public int MaxHeldValues { get; init; } = MostHeldValues;
}
