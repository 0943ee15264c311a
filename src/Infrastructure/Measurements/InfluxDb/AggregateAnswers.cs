using System.Text.Json;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>What InfluxDB made of windows, gathered by series and field.</summary>
internal sealed class AggregateAnswers(AggregateQuery query)
{
    private const double SumTolerance = 1e-10;

    private readonly IReadOnlyList<AggregateFunction> _asked = FunctionsFor(query);
    private readonly List<(MeasurementKey Key, string Field, List<WindowPoint> Points)> _series = [];
    private int _points;

    /// <summary>Whether InfluxDB was asked for sums.</summary>
    public bool AskedForSums => _asked.Contains(AggregateFunction.Sum);

    /// <summary>True when there are more windows than there may be.</summary>
    public bool IsTooLarge => _points > query.MaxPoints;

    /// <summary>False when a sum is so near to zero that the rounding of plain additions could be seen.</summary>
    public bool ArePrecise { get; private set; } = true;

    public List<AggregatedSeries> Series => [.. _series.Where(series => series.Points.Count > 0).Select(series => new AggregatedSeries(series.Key, series.Field, series.Points))];

    /// <summary>What InfluxDB is asked for: with a sum come count and extremes, by which it is judged; a mean is made of sum and count.</summary>
    public static IReadOnlyList<AggregateFunction> FunctionsFor(AggregateQuery query)
    {
        var needsSum = query.Functions.Any(function => function is AggregateFunction.Sum or AggregateFunction.Mean);
        return needsSum
            ? [AggregateFunction.Count, AggregateFunction.Min, AggregateFunction.Max, AggregateFunction.Sum, .. query.Functions.Where(IsEnd)]
            : [.. query.Functions.Prepend(AggregateFunction.Count).Distinct()];
    }

    public static string NameOf(AggregateFunction function) => function switch
    {
        AggregateFunction.Min => "min",
        AggregateFunction.Max => "max",
        AggregateFunction.Sum => "sum",
        AggregateFunction.First => "first",
        AggregateFunction.Last => "last",
        _ => "count",
    };

    /// <summary>Takes a part of a series; false when no more is wanted.</summary>
    /// <param name="series">The time, then for each field a column for each function.</param>
    /// <param name="fields">The fields in the order in which they were asked for.</param>
    public bool TryAdd(AnswerSeries series, FieldOfMeasurement[] fields)
    {
        if (series.ToKey() is not { } key)
            return true;
        var places = fields.Select(field => PlaceOf(key, field.Name)).ToArray();
        foreach (var row in series.Rows)
        {
            var start = query.Windows.StartOf(Math.Max(AnswerSeries.TimeOf(row).Nanoseconds, query.Windows.Range.From.Nanoseconds));
            for (var i = 0; i < fields.Length; i++)
                Add(places[i], start, row, 1 + (i * _asked.Count));
        }

        return !IsTooLarge && ArePrecise;
    }

    private static bool IsEnd(AggregateFunction function) => function is AggregateFunction.First or AggregateFunction.Last;

    // A series may come in several parts.
    private List<WindowPoint> PlaceOf(MeasurementKey key, string field)
    {
        for (var i = _series.Count - 1; i >= 0 && _series[i].Key == key; i--)
        {
            if (_series[i].Field == field)
                return _series[i].Points;
        }

        _series.Add((key, field, []));
        return _series[^1].Points;
    }

    private void Add(List<WindowPoint> points, long start, JsonElement row, int column)
    {
        if (row[column].ValueKind != JsonValueKind.Number || row[column].GetInt64() == 0)
            return;
        var told = new double[_asked.Count];
        for (var i = 0; i < told.Length; i++)
            told[i] = row[column + i].GetDouble();
        var values = new double[query.Functions.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ValueOf(query.Functions[i], told) + 0.0; // A zero has no sign.
        points.Add(new WindowPoint(start, values));
        _points++;
    }

    private double ValueOf(AggregateFunction function, double[] told)
    {
        double Told(AggregateFunction one)
        {
            for (var i = 0; i < told.Length; i++)
            {
                if (_asked[i] == one)
                    return told[i];
            }

            throw new ArgumentOutOfRangeException(nameof(function), function, "InfluxDB was not asked for it.");
        }

        switch (function)
        {
            case AggregateFunction.Sum or AggregateFunction.Mean:
                var (count, sum) = (Told(AggregateFunction.Count), Told(AggregateFunction.Sum));
                var summary = new WindowSummary((long)count, sum, Told(AggregateFunction.Min), Told(AggregateFunction.Max), 0);
                ArePrecise &= summary.SumError <= SumTolerance * Math.Abs(sum);
                return function == AggregateFunction.Sum ? sum : sum / count;
            default:
                return Told(function);
        }
    }
}
