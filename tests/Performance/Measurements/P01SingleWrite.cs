using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /measurement, durable, through the whole pipeline, against the bare controller.</summary>
internal sealed class P01SingleWrite : IBenchmark
{
    public string Id => "P1";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var bare = await BareServer.StartAsync(answerFile: null, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, duration, cancellationToken),
            duration => Bench.SingleWritesAsync(bare.Address, server.Key, Bench.Devices, duration, cancellationToken));
        return [Row.Ratio(Id, "`POST /measurement`, 3 fields, durable", "the bare controller", "req/s", ours, theirs, Goal.AtLeast(0.60))];
    }
}
