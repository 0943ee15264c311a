using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>Bytes that a point occupies on disk after both servers have packed and were stopped; all files of each count.</summary>
internal sealed class P08BytesOnDisk : IBenchmark
{
    public string Id => "P8";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var points = bench.Quick ? 1_500_000 : 20_000_000;
        return
        [
            await CompareAsync(bench, "bytes on disk a point, regular", points, jitter: false, cancellationToken),
            await CompareAsync(bench, "bytes on disk a point, ±200 ms jitter", points, jitter: true, cancellationToken),
        ];
    }

    private async Task<Row> CompareAsync(Bench bench, string work, long points, bool jitter, CancellationToken cancellationToken)
    {
        var stored = (double)BulkLoad.StepsFor(Bench.Devices, points) * Bench.Devices * FleetSlice.FieldsADevice;
        var ours = await OursAsync(bench, points, jitter, cancellationToken) / stored;
        var theirs = await TheirsAsync(bench, points, jitter, cancellationToken) / stored;
        bench.Say(string.Create(Invariant, $"P8: {work}: {ours:0.00} here, {theirs:0.00} in InfluxDB"));
        return Row.Ratio(Id, work, "InfluxDB 1.6.7", "B", [ours], [theirs], Goal.AtMost(0.65));
    }

    private static async Task<double> OursAsync(Bench bench, long points, bool jitter, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await BulkLoad.FillAsync(BulkTarget.Of(server), Bench.Devices, points, jitter, cancellationToken);
        await server.StopAsync();
        bench.Say(string.Create(Invariant, $"P8: {folder.OccupiedBytes("chunks.db"):#,0} bytes in chunks, {folder.OccupiedBytes("inbox.db"):#,0} in the inbox"));
        return folder.OccupiedBytes();
    }

    private static async Task<double> TheirsAsync(Bench bench, long points, bool jitter, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var influx = await InfluxServer.StartAsync(folder.Path, compactSoon: true, cancellationToken);
        await BulkLoad.FillAsync(BulkTarget.Of(influx), Bench.Devices, points, jitter, cancellationToken);
        await InfluxCompaction.WaitAsync(folder.Path, cancellationToken);
        await influx.StopAsync();
        return folder.OccupiedBytes("data", "wal");
    }
}
