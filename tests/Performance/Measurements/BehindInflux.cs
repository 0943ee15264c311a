using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// This backend with InfluxDB behind it against InfluxDB alone, which always has the first core while the load has the second. Between them this
/// backend shares either the first (together they have what InfluxDB has alone) or the second (InfluxDB has what it has alone, the load less).
/// Every run has new servers and an empty database.
/// </summary>
internal sealed class BehindInflux(Bench bench, InfluxWork work)
{
    private const string DefaultDatabase = "default";

    /// <summary>Runs all three in turn, so that whatever disturbs the machine disturbs all.</summary>
    public async Task<InfluxTrials> RunAsync(CancellationToken cancellationToken)
    {
        var trials = new InfluxTrials([], [], []);
        for (var run = 0; run < bench.Runs; run++)
        {
            trials.Alone.Add(await AloneAsync(cancellationToken));
            trials.OnOneCore.Add(await BehindAsync(Cores.Server, cancellationToken));
            trials.BesideTheLoad.Add(await BehindAsync(Cores.Load, cancellationToken));
            bench.Say($"  run {run + 1}: alone {trials.Alone[run]}; on one core {trials.OnOneCore[run]}; beside the load {trials.BesideTheLoad[run]}");
        }

        return trials;
    }

    private async Task<InfluxTrial> AloneAsync(CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var influx = await InfluxServer.StartAsync(folder.Path, compactSoon: false, cancellationToken);
        return await MeasureAsync(influx, null, InfluxServer.Database, cancellationToken);
    }

    private async Task<InfluxTrial> BehindAsync(int core, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        await using var server = await IotServer.StartAsync(folder.Path, influx, core, cancellationToken);
        return await MeasureAsync(influx, server, DefaultDatabase, cancellationToken);
    }

    private async Task<InfluxTrial> MeasureAsync(InfluxServer influx, IotServer? server, string database, CancellationToken cancellationToken)
    {
        var warmUp = await LoadAsync(influx, server, bench.WarmUpTime, cancellationToken);
        var (influxBefore, serverBefore) = (influx.ProcessorTime, server?.ProcessorTime ?? TimeSpan.Zero);
        var run = await LoadAsync(influx, server, bench.RunTime, cancellationToken);
        var (influxTime, serverTime) = (influx.ProcessorTime - influxBefore, (server?.ProcessorTime ?? TimeSpan.Zero) - serverBefore);
        var count = await influx.QueryAsync("SELECT count(temperature) FROM climate", cancellationToken, database);
        var acknowledged = (warmUp.Requests + run.Requests) * work.Measurements;
        if (count is [var row] && row[1].GetInt64() >= acknowledged)
            return new InfluxTrial(run.RequestsPerSecond * work.Measurements, influxTime / (run.Requests * work.Measurements), serverTime / (run.Requests * work.Measurements));
        throw new InvalidOperationException($"InfluxDB does not hold the {acknowledged} measurements that were acknowledged, but {(count is [var less] ? less[1] : "none")}.");
    }

    private Task<WrkResult> LoadAsync(InfluxServer influx, IotServer? server, TimeSpan duration, CancellationToken cancellationToken) => server is null
        ? Wrk.RunAsync(influx.Address, work.Lines(influx), duration, cancellationToken, work.Connections)
        : Wrk.RunAsync(server.Address, work.Json(server), duration, cancellationToken, work.Connections);
}

/// <summary>The same measurements for both.</summary>
/// <param name="Connections">Each with one request in flight.</param>
/// <param name="Measurements">In a request.</param>
/// <param name="Lines">A script for InfluxDB.</param>
/// <param name="Json">A script for this backend.</param>
internal sealed record InfluxWork(int Connections, int Measurements, Func<InfluxServer, string> Lines, Func<IotServer, string> Json);

/// <param name="Rate">Measurements a second.</param>
/// <param name="InfluxTime">Processor time of InfluxDB for a measurement.</param>
/// <param name="ServerTime">The same of this backend; zero when it took no part.</param>
internal sealed record InfluxTrial(double Rate, TimeSpan InfluxTime, TimeSpan ServerTime)
{
    public override string ToString() => string.Create(
        Invariant, $"{Rate:#,0}/s ({InfluxTime.TotalMicroseconds:0.00} µs InfluxDB, {ServerTime.TotalMicroseconds:0.00} µs here)");
}

internal sealed record InfluxTrials(List<InfluxTrial> Alone, List<InfluxTrial> OnOneCore, List<InfluxTrial> BesideTheLoad)
{
    /// <summary>Rows of the rates in both placements, and of the processor time.</summary>
    public IReadOnlyList<Row> Rows(string id, string work, string against, string unit, int valuesAMeasurement, Goal onOneCore, Goal besideTheLoad)
    {
        return
        [
            Row.Ratio(id, $"{work}; this backend on InfluxDB's core", against, unit, Rates(OnOneCore), Rates(Alone), onOneCore),
            Row.Ratio(id, $"{work}; this backend on the load's core", against, unit, Rates(BesideTheLoad), Rates(Alone), besideTheLoad),
            Row.Ratio(id, "processor time a measurement, both servers", "InfluxDB alone", "µs", Times(BesideTheLoad), Times(Alone), Goal.Later("–"), lessIsBetter: true),
        ];

        double[] Rates(List<InfluxTrial> trials) => [.. trials.Select(trial => trial.Rate * valuesAMeasurement)];
        static double[] Times(List<InfluxTrial> trials) => [.. trials.Select(trial => (trial.InfluxTime + trial.ServerTime).TotalMicroseconds)];
    }
}
