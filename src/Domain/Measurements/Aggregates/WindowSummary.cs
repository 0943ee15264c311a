namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>What is known of several values of one window without a look at each.</summary>
/// <param name="Count">How many, at least one.</param>
/// <param name="Sum">As adding them one by one gave it, with the error of that.</param>
/// <param name="Last">The value with the highest time.</param>
public readonly record struct WindowSummary(long Count, double Sum, double Min, double Max, double Last)
{
    private const double Rounding = 1.0 / (1L << 53);

    /// <summary>How far <see cref="Sum"/> may be from the true sum: of n additions each may be off by one rounding of the sum of magnitudes.</summary>
    public double SumError => Count * Rounding * (Min >= 0 || Max <= 0 ? Math.Abs(Sum) : Count * Math.Max(-Min, Max));
}
