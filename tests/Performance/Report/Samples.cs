namespace IotBackend.Performance.Report;

/// <summary>Figures of repeated runs of the same thing; at least one.</summary>
internal sealed class Samples(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    public double Min => _sorted[0];

    public double Max => _sorted[^1];

    /// <summary>The value below which so many percent lie, by nearest rank.</summary>
    public double Percentile(double percent) => _sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * _sorted.Length) - 1, 0, _sorted.Length - 1)];

    /// <summary>Median and, in brackets, least and greatest.</summary>
    public string Text(string unit) => _sorted.Length == 1
        ? $"{Figures.Short(Median)} {unit}"
        : $"{Figures.Short(Median)} {unit} ({Figures.Short(Min)}–{Figures.Short(Max)})";
}
