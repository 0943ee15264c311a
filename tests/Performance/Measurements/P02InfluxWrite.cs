using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /measurement against InfluxDB's /write of one line with the same content, both durable.</summary>
internal sealed class P02InfluxWrite : IBenchmark
{
    public string Id => "P2";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, duration, cancellationToken),
            async duration => (await Wrk.RunAsync(
                influx.WriteAddress, WrkScripts.SingleLines(influx.WriteAddress, Bench.Devices), duration, cancellationToken)).RequestsPerSecond);
        return [Row.Ratio(Id, "the same", "InfluxDB 1.6.7 `/write`, one line", "req/s", ours, theirs, Goal.AtLeast(1.7))];
    }
}
