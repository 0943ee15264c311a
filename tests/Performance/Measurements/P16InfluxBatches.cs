using IotBackend.Performance.Load;
using IotBackend.Performance.Report;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /measurements with InfluxDB behind, against InfluxDB's /write of the same measurements as lines; 8 clients.</summary>
internal sealed class P16InfluxBatches : IBenchmark
{
    private const int Clients = 8;
    private const int DifferentBodies = 4;

    private static readonly int[] Sizes = [1_000, 10_000];

    public string Id => "P16";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var bodies = bench.NewFolder();
        var rows = new List<Row>();
        foreach (var size in Sizes)
        {
            bench.Say(string.Create(Invariant, $"  {size:#,0} measurements a request"));
            var json = BatchBodies.Write(bodies.Path, DifferentBodies, size);
            var lines = BatchBodies.WriteLines(bodies.Path, DifferentBodies, size);
            var work = new InfluxWork(
                Clients, size, address => WrkScripts.LineBatches(address, lines), (server, query) => WrkScripts.Batches(server.Address, server.Key, json, query));
            var trials = await new BehindInflux(bench, work).RunAsync(cancellationToken);
            rows.AddRange(trials.Rows(
                Id, string.Create(Invariant, $"batches of {size:#,0} as JSON with InfluxDB behind"), "InfluxDB 1.6.7 `/write`, the same as lines", "points/s",
                FleetSlice.FieldsADevice, Goal.Later("–"), Goal.AtLeast(0.9)));
        }

        return rows;
    }
}
