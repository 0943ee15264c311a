using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>How P1, the queries of P7 and the bytes of P8 change with the number of points and of devices stored.</summary>
internal static class Growth
{
    private static readonly (long Points, int Devices)[] Sizes =
        [(1_000_000, 1_000), (10_000_000, 1_000), (10_000_000, 10_000), (10_000_000, 100_000)];

    private static readonly (long Points, int Devices)[] LargeSizes =
        [(100_000_000, 1_000), (100_000_000, 10_000), (100_000_000, 100_000)];

    public static async Task<GrowthTable> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (points, devices) in bench.Quick ? Sizes[..1] : bench.Full ? [.. Sizes, .. LargeSizes] : Sizes)
        {
            rows.Add(await MeasureAsync(bench, points, devices, cancellationToken));
            bench.Say(string.Join(" · ", rows[^1]));
        }

        return new GrowthTable(rows);
    }

    private static async Task<IReadOnlyList<string>> MeasureAsync(Bench bench, long points, int devices, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        double rate;
        await using (var loading = await IotServer.StartAsync(folder.Path, cancellationToken))
        {
            rate = await BulkLoad.FillAsync(BulkTarget.Of(loading), devices, points, jitter: false, cancellationToken);
        }

        var stored = (double)BulkLoad.StepsFor(devices, points) * devices * FleetSlice.FieldsADevice;
        var bytes = folder.OccupiedBytes() / stored;
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        var newest = await MedianAsync(bench, server, StoredReadings.Script(server.Address, server.Key, "temperature", 1_000), cancellationToken);
        var latest = await MedianAsync(bench, server, StoredReadings.LatestScript(server.Address, server.Key), cancellationToken);
        await Bench.SingleWritesAsync(server.Address, server.Key, devices, bench.WarmUpTime, cancellationToken);
        var writes = await Bench.SingleWritesAsync(server.Address, server.Key, devices, bench.RunTime, cancellationToken);
        return
        [
            stored.ToString("#,0", Invariant), (devices * FleetSlice.FieldsADevice).ToString("#,0", Invariant), Figures.Short(rate),
            Figures.Short(writes), Figures.Short(newest), Figures.Short(latest), Figures.Short(bytes),
            Figures.Short(server.StartTime.TotalSeconds),
        ];
    }

    private static async Task<double> MedianAsync(Bench bench, IotServer server, string script, CancellationToken cancellationToken)
    {
        await Wrk.RunAsync(server.Address, script, bench.WarmUpTime / 2, cancellationToken, connections: 1);
        return (await Wrk.RunAsync(server.Address, script, bench.RunTime, cancellationToken, connections: 1)).MedianLatency.TotalMilliseconds;
    }
}
