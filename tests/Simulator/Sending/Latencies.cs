namespace IotBackend.Simulator.Sending;

/// <summary>Durations of requests, and their percentiles by nearest rank. Safe for concurrent use.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _values = [];

    public void Add(TimeSpan value)
    {
        lock (_lock)
            _values.Add(value);
    }

    /// <summary>The smallest recorded value that at least <paramref name="percent"/> of all do not exceed; zero when there is none.</summary>
    /// <param name="percent">Above 0, at most 100.</param>
    public TimeSpan Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        TimeSpan[] sorted;
        lock (_lock)
            sorted = [.. _values];
        if (sorted.Length == 0)
            return TimeSpan.Zero;
        Array.Sort(sorted);
        return sorted[(int)Math.Ceiling(percent / 100 * sorted.Length) - 1];
    }
}
