using IotBackend.Performance.Report;

namespace IotBackend.Performance.Measurements;

/// <param name="Rate">Measurements a second.</param>
/// <param name="InfluxTime">Processor time of InfluxDB for a measurement.</param>
/// <param name="ServerTime">The same of this backend; zero when it took no part.</param>
internal sealed record InfluxTrial(double Rate, TimeSpan InfluxTime, TimeSpan ServerTime)
{
    public override string ToString() => string.Create(
        Invariant, $"{Rate:#,0}/s ({InfluxTime.TotalMicroseconds:0.0} µs InfluxDB, {ServerTime.TotalMicroseconds:0.0} µs this backend)");
}

/// <summary>Runs of the same work that took turns.</summary>
internal sealed record InfluxTrials(List<InfluxTrial> Alone, List<InfluxTrial> OnOneCore, List<InfluxTrial> BesideTheLoad)
{
    /// <summary>Rows of the rates in both placements, and of the processor time.</summary>
    public IReadOnlyList<Row> Rows(string id, string work, string against, string unit, int valuesAMeasurement, Goal onOneCore, Goal besideTheLoad)
    {
        return
        [
            Row.Ratio(id, $"{work}; on InfluxDB's core", against, unit, Rates(OnOneCore), Rates(Alone), onOneCore),
            Row.Ratio(id, $"{work}; on the load's core", against, unit, Rates(BesideTheLoad), Rates(Alone), besideTheLoad),
            Row.Ratio(id, "processor time a measurement, on one core", "InfluxDB alone", "µs", Times(OnOneCore), Times(Alone), Goal.Later("–"), lessIsBetter: true),
        ];

        double[] Rates(List<InfluxTrial> trials) => [.. trials.Select(trial => trial.Rate * valuesAMeasurement)];
        static double[] Times(List<InfluxTrial> trials) => [.. trials.Select(trial => (trial.InfluxTime + trial.ServerTime).TotalMicroseconds)];
    }
}
