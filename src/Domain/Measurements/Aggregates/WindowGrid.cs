namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>
/// The windows of a range: aligned to the epoch in UTC, from the one that holds its start to the one before its end. Those at the ends hold only
/// what lies in the range.
/// </summary>
/// <param name="Range">What is asked for.</param>
/// <param name="Length">Nanoseconds of a window; zero: the range is one window, which begins where it begins.</param>
public readonly record struct WindowGrid(TimeRange Range, long Length)
{
    /// <summary>How many windows there are, with values or without.</summary>
    public long Count => Range.IsEmpty ? 0 : Length == 0 ? 1 : IndexOf(Range.To.Nanoseconds - 1) - IndexOf(Range.From.Nanoseconds) + 1;

    /// <summary>Start of the window that holds the time.</summary>
    public long StartOf(long time)
    {
        if (Length == 0)
            return Range.From.Nanoseconds;
        var within = time % Length;
        if (within < 0)
            within += Length;
        return time < long.MinValue + within ? long.MinValue : time - within;
    }

    /// <summary>The last nanosecond of the window that holds the time.</summary>
    public long LastOf(long time)
    {
        if (Length == 0)
            return Range.To.Nanoseconds - 1;
        var within = time % Length;
        if (within < 0)
            within += Length;
        var rest = Length - 1 - within;
        return time > long.MaxValue - rest ? long.MaxValue : time + rest;
    }

    /// <summary>Starts of all windows, ascending.</summary>
    public IEnumerable<long> Starts()
    {
        if (Range.IsEmpty)
            yield break;
        for (var time = Range.From.Nanoseconds; ; time = LastOf(time) + 1)
        {
            yield return StartOf(time);
            if (LastOf(time) >= Range.To.Nanoseconds - 1)
                yield break;
        }
    }

    private long IndexOf(long time) => time >= 0 ? time / Length : -1 - ((-1 - time) / Length);
}
