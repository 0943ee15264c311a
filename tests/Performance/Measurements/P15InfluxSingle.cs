using IotBackend.Performance.Load;
using IotBackend.Performance.Report;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /measurement with InfluxDB behind, against InfluxDB's /write of one line with the same content.</summary>
internal sealed class P15InfluxSingle : IBenchmark
{
    public string Id => "P15";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var work = new InfluxWork(
            Wrk.Connections,
            Measurements: 1,
            address => WrkScripts.SingleLines(address, Bench.Devices),
            (server, query) => WrkScripts.SingleWrites(server.Address, server.Key, Bench.Devices, query));
        var trials = await new BehindInflux(bench, work).RunAsync(cancellationToken);
        return trials.Rows(
            Id, "`POST /measurement` with InfluxDB behind", "InfluxDB 1.6.7 `/write`, one line", "req/s", 1, Goal.AtLeast(1.2), Goal.AtLeast(1.2));
    }
}
