using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>Resident memory idle and under batches as fast as they are taken (the largest seen), and the time from start to first answer.</summary>
internal sealed class P13Resources : IBenchmark
{
    private const double Megabyte = 1e6;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    public string Id => "P13";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var (starts, idle) = await StartsAsync(bench, cancellationToken);
        var loaded = await UnderLoadAsync(bench, cancellationToken);
        return
        [
            Row.Plain(Id, "resident memory, idle", "MB", idle, Goal.AtMost(120, "MB")),
            Row.Plain(Id, "resident memory under batches of JSON, largest", "MB", [loaded], Goal.AtMost(450, "MB")),
            Row.Plain(Id, "start to first answered request", "s", starts, Goal.AtMost(2, "s")),
        ];
    }

    private async Task<(double[] Starts, double[] Idle)> StartsAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        var (starts, idle) = (new double[bench.Runs], new double[bench.Runs]);
        for (var run = 0; run < bench.Runs; run++)
        {
            await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
            starts[run] = server.StartTime.TotalSeconds;
            await Task.Delay(Settling, TimeProvider.System, cancellationToken);
            idle[run] = server.ResidentBytes / Megabyte;
            bench.Say(string.Create(Invariant, $"{Id}: started in {starts[run]:0.00} s, {idle[run]:0} MB"));
        }

        return (starts, idle);
    }

    private async Task<double> UnderLoadAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var bodies = bench.NewFolder();
        var files = BatchBodies.Write(bodies.Path, 16);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        var load = P03BatchWrite.PointsPerSecondAsync(server, files, bench.RunTime * 4, cancellationToken);
        long largest = 0;
        while (!load.IsCompleted)
        {
            largest = Math.Max(largest, server.ResidentBytes);
            await Task.Delay(Glance, TimeProvider.System, cancellationToken);
        }

        var rate = await load;
        bench.Say(string.Create(Invariant, $"{Id}: up to {largest / Megabyte:0} MB at {rate:#,0} points a second"));
        return largest / Megabyte;
    }
}
