using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Aggregates points that come series after series, each ascending by time.</summary>
/// <param name="query">What is asked for.</param>
/// <param name="mostValues">How many values are taken before it gives up.</param>
internal sealed class StreamedWindows(AggregateQuery query, long mostValues = long.MaxValue)
{
    private readonly HeldValues _held = new(query.MaxHeldValues);
    private readonly List<AggregatedSeries> _done = [];
    private MeasurementKey? _key;
    private FieldOfMeasurement[] _fields = [];
    private SeriesWindows[] _windows = [];
    private long _points;
    private long _values;

    /// <summary>True when it has given up, since more values came than it takes.</summary>
    public bool HasTooManyValues => _values > mostValues;

    /// <summary>Takes a part of a series; false when no more is wanted.</summary>
    /// <param name="series">The time, then a column for each field.</param>
    /// <param name="fields">The fields in the order in which they were asked for.</param>
    /// <exception cref="InfluxDbException">More values would have to be held than may be.</exception>
    public bool TryAdd(AnswerSeries series, FieldOfMeasurement[] fields)
    {
        if (series.ToKey() is not { } key)
            return true;
        if (key != _key)
        {
            End();
            (_key, _fields, _windows) = (key, fields, [.. fields.Select(_ => new SeriesWindows(query.Windows, query.Functions, _held))]);
        }

        foreach (var row in series.Rows)
        {
            var time = AnswerSeries.TimeOf(row).Nanoseconds;
            for (var i = 0; i < fields.Length; i++)
            {
                if (AnswerSeries.ValueOf(row[i + 1]) is not { Type: FieldType.Number } value)
                    continue;
                _windows[i].Add(time, value.Number);
                _values++;
            }

            if (_held.AreTooMany)
                throw TooManyValues();
        }

        return !HasTooManyValues && _points + _windows.Sum(windows => (long)windows.Count) <= query.MaxPoints;
    }

    /// <summary>All that came; null when there are more windows than there may be.</summary>
    public List<AggregatedSeries>? Complete()
    {
        End();
        return _points <= query.MaxPoints ? _done : null;
    }

    private InfluxDbException TooManyValues()
    {
        var refusal = AggregateErrors.TooManyValues(query);
        return new InfluxDbException(InfluxDbFailure.TooLarge, refusal.Message) { Refusal = refusal };
    }

    private void End()
    {
        foreach (var (i, windows) in _windows.Index())
        {
            var points = windows.Complete();
            _points += points.Count;
            if (points.Count > 0)
                _done.Add(new AggregatedSeries(_key!, _fields[i].Name, points));
        }

        _windows = [];
    }
}
