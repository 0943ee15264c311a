using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /api/v2/write with 10,000 lines a body against InfluxDB's /write of the same lines, both durable; 8 clients.</summary>
internal sealed class P04LineWrite : IBenchmark
{
    public string Id => "P4";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        using var bodies = bench.NewFolder();
        var load = new LineLoad(bodies.Path);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => load.PointsPerSecondAsync(server.LineAddress, server.Key, duration, cancellationToken),
            duration => load.PointsPerSecondAsync(influx.WriteAddress, null, duration, cancellationToken));
        return [Row.Ratio(Id, "line protocol, 10,000 lines a request, 8 clients", "InfluxDB 1.6.7 `/write`", "points/s", ours, theirs, Goal.AtLeast(2))];
    }
}
