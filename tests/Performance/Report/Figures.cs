namespace IotBackend.Performance.Report;

internal static class Figures
{
    /// <summary>Three digits or so: 38,000; 12.3; 0.141.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 10_000_000 => (value / 1e6).ToString("#,0.0", Invariant) + " M",
        >= 1000 => Math.Round(value, (int)Math.Max(0, 2 - Math.Floor(Math.Log10(Math.Abs(value))))).ToString("#,0", Invariant),
        >= 100 => value.ToString("0", Invariant),
        >= 10 => value.ToString("0.0", Invariant),
        >= 1 => value.ToString("0.00", Invariant),
        _ => value.ToString("0.000", Invariant),
    };
}
