namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>Takes in the values of one window, ascending by time, and tells what the functions make of them. Reused from window to window.</summary>
public sealed class WindowAccumulator
{
    private const double SumTolerance = 1e-10;

    private readonly IReadOnlyList<AggregateFunction> _functions;
    private readonly bool _needsSum;
    private readonly bool _needsSpread;
    private readonly List<double>? _values;
    private readonly HeldValues _held;
    private CompensatedSum _sum;
    private CompensatedSum _distances;
    private CompensatedSum _squares;
    private double _sumError;
    private double _first;
    private double _last;
    private double _min;
    private double _max;

    /// <param name="functions">What is made of the values.</param>
    /// <param name="held">Bounds the values that are held, over all windows that count with it.</param>
    public WindowAccumulator(IReadOnlyList<AggregateFunction> functions, HeldValues held)
    {
        (_functions, _held) = (functions, held);
        _needsSum = functions.Contains(AggregateFunction.Sum) || functions.Contains(AggregateFunction.Mean);
        _needsSpread = functions.Contains(AggregateFunction.StandardDeviation);
        _values = functions.Contains(AggregateFunction.Median) || functions.Contains(AggregateFunction.P95) ? [] : null;
        TakesSummaries = _values is null && !_needsSpread && !functions.Contains(AggregateFunction.First);
    }

    public long Count { get; private set; }

    /// <summary>Whether summaries tell all that is asked for.</summary>
    public bool TakesSummaries { get; }

    /// <summary>False when the sum is so near to zero that the errors of summaries in it could be seen.</summary>
    public bool IsPrecise => !_needsSum || _sumError <= SumTolerance * Math.Abs(_sum.Value);

    public void Add(double value)
    {
        if (Count++ == 0)
            (_first, _min, _max) = (value, value, value);
        _last = value;
        _min = Math.Min(_min, value);
        _max = Math.Max(_max, value);
        if (_needsSum)
            _sum.Add(value);
        if (_needsSpread)
            AddDistance(value - _first);
        if (_values is not null && _held.TryHold())
            _values.Add(value);
    }

    public void Add(in WindowSummary summary)
    {
        if (Count == 0)
            (_min, _max) = (summary.Min, summary.Max);
        Count += summary.Count;
        _last = summary.Last;
        _min = Math.Min(_min, summary.Min);
        _max = Math.Max(_max, summary.Max);
        _sum.Add(summary.Sum);
        _sumError += summary.SumError;
    }

    /// <summary>What the functions make of at least one value, in their order, and begins anew.</summary>
    public double[] Take()
    {
        _values?.Sort();
        var taken = new double[_functions.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            var value = ValueOf(_functions[i]);

            // A zero has no sign: which of equals comes first, and what summaries keep, would show in it.
            taken[i] = double.IsFinite(value) ? value + 0.0 : double.NaN;
        }

        Clear();
        return taken;
    }

    private double ValueOf(AggregateFunction function) => function switch
    {
        AggregateFunction.Mean => _sum.Mean(Count),
        AggregateFunction.Min => _min,
        AggregateFunction.Max => _max,
        AggregateFunction.Sum => _sum.Value,
        AggregateFunction.Count => Count,
        AggregateFunction.First => _first,
        AggregateFunction.Last => _last,
        AggregateFunction.Median => Median(),
        AggregateFunction.P95 => _values![(int)(((Count * 95) + 50) / 100) - 1],
        _ => Count < 2 ? double.NaN : Math.Sqrt(Math.Max(0, _squares.Value - (_distances.Value * _distances.Mean(Count))) / (Count - 1)),
    };

    // Distances from the first value instead of the values: however far they lie from zero, little is lost when the squares are subtracted.
    private void AddDistance(double distance)
    {
        _distances.Add(distance);
        _squares.Add(distance * distance);
    }

    private double Median()
    {
        var middle = _values!.Count / 2;
        if (_values.Count % 2 == 1)
            return _values[middle];
        var (low, high) = (_values[middle - 1], _values[middle]);
        return double.IsFinite(low + high) ? (low + high) / 2 : (low / 2) + (high / 2);
    }

    private void Clear()
    {
        (Count, _sumError) = (0, 0);
        (_sum, _distances, _squares) = (default, default, default);
        if (_values is null)
            return;
        _held.LetGo(_values.Count);
        _values.Clear();
    }
}
