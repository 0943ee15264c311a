using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>P4 against VictoriaMetrics, which acknowledges what is in memory; here an answer still means that it is on disk.</summary>
internal sealed class P05VictoriaMetricsWrite : IBenchmark
{
    public string Id => "P5";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var victoriaFolder = bench.NewFolder();
        using var bodies = bench.NewFolder();
        var load = new LineLoad(bodies.Path);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var victoria = await VictoriaMetricsServer.StartAsync(victoriaFolder.Path, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => load.PointsPerSecondAsync(server.LineAddress, server.Key, duration, cancellationToken),
            duration => load.PointsPerSecondAsync(victoria.WriteAddress, null, duration, cancellationToken));
        await victoria.ThrowIfPointsWereDroppedAsync(cancellationToken);
        return [Row.Ratio(Id, "the same", "VictoriaMetrics 1.79.5 `/write`, durable only later", "points/s", ours, theirs, Goal.AtLeast(1))];
    }
}
