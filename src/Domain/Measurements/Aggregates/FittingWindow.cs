namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>Finds a window that is long enough for an answer to have so many points at most.</summary>
public static class FittingWindow
{
    private static readonly WindowLength[] Lengths =
    [
        .. new[]
        {
            "2ms", "5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s", "15s", "30s", "1m", "2m", "5m", "10m", "15m", "30m",
            "1h", "2h", "3h", "6h", "12h", "1d", "2d", "7d", "14d", "28d", "91d", "182d", "364d", "1820d", "3640d", "18200d", "36400d",
        }.Select(text => WindowLength.TryParse(text)!.Value),
    ];

    /// <summary>The shortest of the usual lengths that fits, wherever the range begins: it may move on until it is asked again. Null when none does.</summary>
    /// <param name="range">What is asked for.</param>
    /// <param name="series">Series of the answer.</param>
    /// <param name="most">Points of an answer at most.</param>
    public static WindowLength? Find(TimeRange range, long series, long most)
    {
        var nanoseconds = (Int128)range.To.Nanoseconds - range.From.Nanoseconds;
        foreach (var length in Lengths)
        {
            if ((((nanoseconds - 1) / length.Nanoseconds) + 2) * series <= most)
                return length;
        }

        return null;
    }
}
