namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>Puts the values of one series, ascending by time, into their windows.</summary>
public sealed class SeriesWindows(WindowGrid grid, IReadOnlyList<AggregateFunction> functions, HeldValues held)
{
    private readonly WindowAccumulator _window = new(functions, held);
    private readonly List<WindowPoint> _points = [];
    private long _start;
    private long _last = long.MinValue;

    /// <summary>Windows with values so far.</summary>
    public int Count => _points.Count + (_window.Count > 0 ? 1 : 0);

    /// <summary>Whether summaries tell all that is asked for.</summary>
    public bool TakesSummaries => _window.TakesSummaries;

    /// <summary>False when summaries were not good enough for one of the windows: its values must be taken one by one.</summary>
    public bool IsPrecise { get; private set; } = true;

    /// <summary>True when both times lie in one window.</summary>
    public bool IsOne(long first, long last) => last <= grid.LastOf(first);

    public void Add(long time, double value)
    {
        GoTo(time);
        _window.Add(value);
    }

    /// <param name="time">Of any of the values, which all lie in one window.</param>
    public void Add(long time, in WindowSummary summary)
    {
        GoTo(time);
        _window.Add(summary);
    }

    /// <summary>All windows with values; nothing is added afterwards.</summary>
    public IReadOnlyList<WindowPoint> Complete()
    {
        End();
        return _points;
    }

    private void GoTo(long time)
    {
        if (_window.Count > 0 && time <= _last)
            return;
        End();
        (_start, _last) = (grid.StartOf(time), grid.LastOf(time));
    }

    private void End()
    {
        if (_window.Count == 0)
            return;
        IsPrecise &= _window.IsPrecise;
        _points.Add(new WindowPoint(_start, _window.Take()));
    }
}
