using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>P1 on a server that knows 100,000 devices and hears from all of them in turn, against one with 1,000.</summary>
internal sealed class P09ManySeries : IBenchmark
{
    private const int ManyDevices = 100_000;

    public string Id => "P9";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var manyFolder = bench.NewFolder();
        using var fewFolder = bench.NewFolder();
        await using var many = await StartKnowingAsync(ManyDevices, manyFolder.Path, cancellationToken);
        await using var few = await StartKnowingAsync(Bench.Devices, fewFolder.Path, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => Bench.SingleWritesAsync(many.Address, many.Key, ManyDevices, duration, cancellationToken),
            duration => Bench.SingleWritesAsync(few.Address, few.Key, Bench.Devices, duration, cancellationToken));
        return [Row.Ratio(Id, "P1 with 100,000 devices", "P1 with 1,000 devices", "req/s", ours, theirs, Goal.AtLeast(0.80))];
    }

    private static async Task<IotServer> StartKnowingAsync(int devices, string folder, CancellationToken cancellationToken)
    {
        var server = await IotServer.StartAsync(folder, cancellationToken);
        await BulkLoad.FillAsync(BulkTarget.Of(server), devices, points: 0, jitter: false, cancellationToken);
        return server;
    }
}
