using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /api/v2/write with 10,000 lines a body against InfluxDB's /write of the same lines, both durable; 8 clients.</summary>
internal sealed class P04LineWrite : IBenchmark
{
    private const int Clients = 8;
    private const int Lines = 10_000;
    private const int DifferentBodies = 4;

    public string Id => "P4";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        using var bodies = bench.NewFolder();
        var files = BatchBodies.WriteLines(bodies.Path, DifferentBodies, Lines);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        var ourAddress = new Uri(server.Address, "/api/v2/write?bucket=default&precision=ms");
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => PointsPerSecondAsync(server.Address, WrkScripts.LineBatches(ourAddress, files, server.Key), duration, cancellationToken),
            duration => PointsPerSecondAsync(influx.Address, WrkScripts.LineBatches(influx.WriteAddress, files), duration, cancellationToken));
        return [Row.Ratio(Id, "line protocol, 10,000 lines a request, 8 clients", "InfluxDB 1.6.7 `/write`", "points/s", ours, theirs, Goal.AtLeast(2))];
    }

    private static async Task<double> PointsPerSecondAsync(Uri server, string script, TimeSpan duration, CancellationToken cancellationToken) =>
        (double)Lines * FleetSlice.FieldsADevice * (await Wrk.RunAsync(server, script, duration, cancellationToken, Clients)).RequestsPerSecond;
}
