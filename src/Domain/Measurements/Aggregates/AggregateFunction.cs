namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>What is made of the values of a window.</summary>
public enum AggregateFunction
{
    Mean,
    Min,
    Max,
    Sum,
    Count,

    /// <summary>The value with the lowest time.</summary>
    First,

    /// <summary>The value with the highest time.</summary>
    Last,

    /// <summary>The middle value, or the mean of the middle two.</summary>
    Median,

    /// <summary>The value at the rank nearest to 95 % of their number.</summary>
    P95,

    /// <summary>Standard deviation of a sample; none for one value.</summary>
    StandardDeviation,
}
