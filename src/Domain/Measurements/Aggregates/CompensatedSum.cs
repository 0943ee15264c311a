namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>
/// A sum that carries what rounding drops along (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974). Values so
/// large that the sum could overflow are added at a smaller scale, so that at least their mean can be told.
/// </summary>
public struct CompensatedSum
{
    private const double Large = 1e290;
    private const double SmallScale = 1.0 / (1L << 60);

    private double _sum;
    private double _dropped;
    private bool _isScaled;

    /// <summary>Infinite when no double can hold it.</summary>
    public readonly double Value => _isScaled ? (_sum + _dropped) / SmallScale : _sum + _dropped;

    public void Add(double value)
    {
        if (!_isScaled && (Math.Abs(value) > Large || Math.Abs(_sum) > Large))
            (_sum, _dropped, _isScaled) = (_sum * SmallScale, _dropped * SmallScale, true);
        if (_isScaled)
            value *= SmallScale;
        var sum = _sum + value;
        _dropped += Math.Abs(_sum) >= Math.Abs(value) ? _sum - sum + value : value - sum + _sum;
        _sum = sum;
    }

    /// <summary>The sum divided by so many.</summary>
    public readonly double Mean(long count) => _isScaled ? (_sum + _dropped) / count / SmallScale : (_sum + _dropped) / count;
}
