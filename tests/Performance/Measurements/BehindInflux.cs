using IotBackend.Performance.Load;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// This backend with InfluxDB behind it against InfluxDB alone, which always has the first core while the load has the second. Between them this
/// backend shares either the first (together they have what InfluxDB has alone) or the second (InfluxDB has what it has alone, the load less).
/// Each of the three has an InfluxDB of its own, and each run a database of its own, which is dropped after it.
/// </summary>
internal sealed class BehindInflux(Bench bench, InfluxWork work)
{
    // The runtime compiles what is used much anew; that must be over before anything is measured.
    private const int WarmUps = 3;

    private int _databases;

    /// <summary>Runs all three in turn, so that whatever disturbs the machine disturbs all.</summary>
    public async Task<InfluxTrials> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var alone = await StartAsync(folder, "alone", core: null, cancellationToken);
        await using var onOneCore = await StartAsync(folder, "on-one-core", Cores.Server, cancellationToken);
        await using var besideTheLoad = await StartAsync(folder, "beside-the-load", Cores.Load, cancellationToken);
        var trials = new InfluxTrials([], [], []);
        for (var run = 0; run < bench.Runs; run++)
        {
            trials.Alone.Add(await MeasureAsync(alone, bench.RunTime, cancellationToken));
            trials.OnOneCore.Add(await MeasureAsync(onOneCore, bench.RunTime, cancellationToken));
            trials.BesideTheLoad.Add(await MeasureAsync(besideTheLoad, bench.RunTime, cancellationToken));
            bench.Say($"  run {run + 1}: alone {trials.Alone[run]}; on one core {trials.OnOneCore[run]}; beside the load {trials.BesideTheLoad[run]}");
        }

        return trials;
    }

    private async Task<InfluxSubject> StartAsync(TemporaryFolder folder, string name, int? core, CancellationToken cancellationToken)
    {
        var subject = await InfluxSubject.StartAsync(folder.SubFolder(name), core, cancellationToken);
        for (var i = 0; i < WarmUps; i++)
            await MeasureAsync(subject, bench.WarmUpTime, cancellationToken);
        return subject;
    }

    private async Task<InfluxTrial> MeasureAsync(InfluxSubject subject, TimeSpan duration, CancellationToken cancellationToken)
    {
        var database = $"run{++_databases}";
        await subject.CreateBucketAsync(database, cancellationToken);
        var (influxBefore, serverBefore) = (subject.Influx.ProcessorTime, subject.ServerTime);
        var result = await Wrk.RunAsync(subject.Address, work.Script(subject, database), duration, cancellationToken, work.Connections);
        var (influxTime, serverTime) = (subject.Influx.ProcessorTime - influxBefore, subject.ServerTime - serverBefore);
        var measurements = result.Requests * work.Measurements;
        await CheckAsync(subject.Influx, database, measurements, cancellationToken);
        await subject.DropBucketAsync(database, cancellationToken);
        return new InfluxTrial(result.RequestsPerSecond * work.Measurements, influxTime / measurements, serverTime / measurements);
    }

    // What waits in the spool was not measured.
    private static async Task CheckAsync(InfluxServer influx, string database, long acknowledged, CancellationToken cancellationToken)
    {
        var rows = await influx.QueryAsync("SELECT count(temperature) FROM climate", cancellationToken, database);
        var count = rows.Length == 0 ? 0 : rows[0][1].GetInt64();
        if (count < acknowledged)
            throw new InvalidOperationException($"Of {acknowledged} measurements that were acknowledged, InfluxDB holds {count}.");
    }
}

/// <summary>The same measurements for both.</summary>
/// <param name="Connections">Each with one request in flight.</param>
/// <param name="Measurements">In a request.</param>
/// <param name="Lines">A script for InfluxDB, given the address to write to.</param>
/// <param name="Json">A script for this backend, given the query that names the bucket.</param>
internal sealed record InfluxWork(int Connections, int Measurements, Func<Uri, string> Lines, Func<IotServer, string, string> Json)
{
    public string Script(InfluxSubject subject, string database) =>
        subject.Server is null ? Lines(subject.Influx.WriteAddressOf(database)) : Json(subject.Server, $"?bucket={database}");
}
