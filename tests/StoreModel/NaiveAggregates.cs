using System.Numerics;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.StoreModel;

/// <summary>
/// Aggregates in the plainest way: values are sorted into windows by division of whole numbers, and added as whole multiples of the smallest double, without
/// any rounding. It shares no code with the stores, and is the judge of them.
/// </summary>
internal static class NaiveAggregates
{
    private const double Tolerance = 1e-9;
    private const int SmallestExponent = 1074;

    /// <summary>The windows with values of one series.</summary>
    public static List<(long Start, double[] Values)> Windows(IReadOnlyDictionary<long, FieldValue> points, TimeRange kept, TimeRange asked, long length) =>
        [.. points.Where(point => kept.Contains(new Timestamp(point.Key)))
            .GroupBy(point => length == 0 ? asked.From.Nanoseconds : StartOf(point.Key, length))
            .OrderBy(window => window.Key)
            .Select(window => (window.Key, window.OrderBy(point => point.Key).Select(point => point.Value.Number).ToArray()))];

    /// <summary>Null when the value is good, else what is wrong with it.</summary>
    /// <param name="values">Of the window, ascending by time.</param>
    public static string? Judge(AggregateFunction function, double[] values, double told)
    {
        var sorted = values.Order().ToArray();
        return function switch
        {
            AggregateFunction.Count => Same(values.Length, told),
            AggregateFunction.First => Same(values[0], told),
            AggregateFunction.Last => Same(values[^1], told),
            AggregateFunction.Min => Same(sorted[0], told),
            AggregateFunction.Max => Same(sorted[^1], told),
            AggregateFunction.P95 => Same(sorted[(int)Math.Floor((values.Length * 0.95) + 0.5) - 1], told),
            AggregateFunction.Median => Near(Middle(sorted), 0, told),
            AggregateFunction.Sum => Near(ToDouble(Sum(values), 0, 1), Slack(values), told),
            AggregateFunction.Mean => Near(ToDouble(Sum(values), 0, values.Length), Slack(values), told),
            _ => JudgeSpread(values, told),
        };
    }

    /// <summary>Shows where two answers differ; empty when they agree.</summary>
    public static IEnumerable<string> Compare(
        IReadOnlyList<(MeasurementKey Key, string Field, List<(long Start, double[] Values)> Windows)> expected,
        IReadOnlyList<AggregatedSeries> told,
        IReadOnlyList<AggregateFunction> functions)
    {
        string Name(MeasurementKey key, string field) => $"{key} {field}";
        if (!expected.Select(series => Name(series.Key, series.Field)).SequenceEqual(told.Select(series => Name(series.Key, series.Field))))
            return [$"expected {string.Join("; ", expected.Select(s => Name(s.Key, s.Field)))}, got {string.Join("; ", told.Select(s => Name(s.Key, s.Field)))}"];
        return expected.Zip(told).SelectMany(pair => Compare(pair.First.Windows, pair.Second.Points, functions).Select(wrong => $"{Name(pair.First.Key, pair.First.Field)}: {wrong}"));
    }

    private static IEnumerable<string> Compare(List<(long Start, double[] Values)> expected, IReadOnlyList<WindowPoint> told, IReadOnlyList<AggregateFunction> functions)
    {
        if (!expected.Select(window => window.Start).SequenceEqual(told.Select(point => point.Start)))
            return [$"expected windows {string.Join(' ', expected.Select(w => w.Start))}, got {string.Join(' ', told.Select(p => p.Start))}"];
        return expected.Zip(told).SelectMany(pair => functions.Select((function, i) => Judge(function, pair.First.Values, pair.Second.Values[i]) is { } wrong
            ? $"{function} at {pair.First.Start} of [{string.Join(' ', pair.First.Values.Select(value => value.ToString("R")))}]: {wrong}"
            : null)).OfType<string>();
    }

    private static long StartOf(long time, long length)
    {
        var start = BigInteger.Divide(time - (time < 0 ? length - (BigInteger)1 : 0), length) * length;
        return (long)BigInteger.Max(start, long.MinValue);
    }

    private static double Middle(double[] sorted) => sorted.Length % 2 == 1
        ? sorted[sorted.Length / 2]
        : ToDouble(Sum([sorted[(sorted.Length / 2) - 1], sorted[sorted.Length / 2]]), 0, 2);

    private static string? JudgeSpread(double[] values, double told)
    {
        if (values.Length == 1)
            return double.IsNaN(told) ? null : $"expected none, got {told:R}";

        // Squares that no double can hold are none of the contract.
        var farthest = values.Max(value => Math.Abs(value - values[0]));
        if (!(farthest < 1e150))
            return null;
        if (farthest is > 0 and < 1e-140)
            return told < 1e-130 ? null : $"expected next to nothing, got {told:R}";
        BigInteger n = values.Length;
        var sum = Sum(values);
        var squares = values.Aggregate(BigInteger.Zero, (total, value) => total + BigInteger.Pow(Exact(value), 2));
        return Near(Math.Sqrt(ToDouble((n * squares) - (sum * sum), SmallestExponent, n * (n - 1))), 0, told);
    }

    // Where values cancel out, what is left of them may be smaller than any addition of doubles can tell.
    private static double Slack(double[] values) => 1e-22 * values.Max(Math.Abs) * values.Length;

    private static string? Same(double expected, double told) => expected == told && !(told == 0 && double.IsNegative(told)) ? null : $"expected {expected:R}, got {told:R}";

    private static string? Near(double expected, double slack, double told)
    {
        if (!double.IsFinite(expected))
            return double.IsNaN(told) ? null : $"expected none, got {told:R}";
        return Math.Abs(expected - told) <= (Tolerance * Math.Abs(expected)) + slack ? null : $"expected {expected:R}, got {told:R}";
    }

    private static BigInteger Sum(double[] values) => values.Aggregate(BigInteger.Zero, (sum, value) => sum + Exact(value));

    // In multiples of the smallest double.
    private static BigInteger Exact(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var (exponent, fraction) = ((int)((bits >> 52) & 0x7FF), bits & 0xFFFFFFFFFFFFF);
        var size = exponent == 0 ? fraction : (BigInteger)(fraction | (1L << 52)) << (exponent - 1);
        return bits < 0 ? -size : size;
    }

    private static double ToDouble(BigInteger multiple, int furtherExponent, BigInteger divisor)
    {
        var ratio = (multiple << 128) / divisor;
        var surplus = Math.Max(0, (int)(ratio.GetBitLength() - 100));
        return Math.ScaleB((double)(ratio >> surplus), surplus - 128 - SmallestExponent - furtherExponent);
    }
}
