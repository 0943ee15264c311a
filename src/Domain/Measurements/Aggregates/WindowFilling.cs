namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>Puts something into the windows without values, as InfluxQL does.</summary>
public static class WindowFilling
{
    /// <summary>All windows of the grid that the kind of filling shows.</summary>
    /// <param name="points">Those with values, ascending.</param>
    public static IReadOnlyList<WindowPoint> Fill(
        IReadOnlyList<WindowPoint> points, WindowGrid grid, IReadOnlyList<AggregateFunction> functions, WindowFill fill)
    {
        if (fill == WindowFill.None || points.Count == 0)
            return points;
        var filled = new List<WindowPoint>();
        var next = 0;
        foreach (var start in grid.Starts())
        {
            if (next < points.Count && points[next].Start == start)
                filled.Add(points[next++]);
            else
                filled.Add(new WindowPoint(start, [.. Enumerable.Range(0, functions.Count).Select(i => ValueAt(start, points, next, i, functions[i], fill))]));
        }

        return filled;
    }

    // The window lies before points[next].
    private static double ValueAt(long start, IReadOnlyList<WindowPoint> points, int next, int place, AggregateFunction function, WindowFill fill)
    {
        if (fill == WindowFill.Null)
            return function == AggregateFunction.Count ? 0 : double.NaN;
        if (next == 0 || (fill == WindowFill.Linear && next == points.Count))
            return double.NaN;
        var before = points[next - 1];
        if (fill == WindowFill.Previous)
            return before.Values[place];
        var after = points[next];
        var (gone, all) = ((Int128)start - before.Start, (Int128)after.Start - before.Start);
        if (function == AggregateFunction.Count)
            return (double)((((Int128)before.Values[place] * (all - gone)) + ((Int128)after.Values[place] * gone)) / all);
        var share = (double)gone / (double)all;
        return (before.Values[place] * (1 - share)) + (after.Values[place] * share);
    }
}
