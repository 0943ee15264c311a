using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>P1 at half its top rate in an open loop: the 99th percentile, and the longest that any request waited while chunks were flushed.</summary>
internal sealed class P12Latency : IBenchmark
{
    private const int Devices = Bench.Devices;

    public string Id => "P12";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await Bench.SingleWritesAsync(server.Address, server.Key, Devices, bench.WarmUpTime, cancellationToken);
        var top = await Bench.SingleWritesAsync(server.Address, server.Key, Devices, bench.RunTime, cancellationToken);
        var rate = (int)(top / 2);
        bench.Say(string.Create(Invariant, $"{Id}: {rate:#,0} requests a second, half of {top:#,0}"));
        var (p99, flushing) = (new List<double>(), new List<double>());
        for (var run = 0; run < bench.Runs; run++)
        {
            var before = LastFlush(folder.Path);
            var latencies = await Task.Run(() => Paced(server, rate, run, bench, cancellationToken), cancellationToken);
            var samples = new Samples(latencies);
            p99.Add(samples.Percentile(99));
            if (LastFlush(folder.Path) > before)
                flushing.Add(samples.Max);
            bench.Say(string.Create(
                Invariant, $"  run {run + 1}: median {samples.Median:0.00} ms, p99 {samples.Percentile(99):0.00} ms, longest {samples.Max:0.0} ms"));
        }

        if (flushing.Count == 0)
            bench.Say($"{Id}: no flush happened during the runs, so nothing can be told of a stall; longer runs see one");
        return Rows(rate, p99, flushing);
    }

    private Row[] Rows(int rate, List<double> p99, List<double> longest) =>
    [
        Row.Plain(Id, string.Create(Invariant, $"P1 at half its top rate ({rate:#,0} req/s), p99"), "ms", p99, Goal.AtMost(10, "ms")),
        .. longest.Count == 0
            ? (Row[])[]
            : [Row.Plain(Id, "longest stall of any request while flushing", "ms", [longest.Max()], Goal.AtMost(100, "ms"))],
    ];

    private static double[] Paced(IotServer server, int rate, int run, Bench bench, CancellationToken cancellationToken)
    {
        var load = new PacedLoad(server.Address, rate, number => PacedRequests.Of(server, run, number));
        return load.Run(TimeSpan.FromSeconds(2), bench.RunTime * 3, cancellationToken);
    }

    private static DateTime LastFlush(string folder) => Directory.EnumerateFiles(folder, "chunks.db*", SearchOption.AllDirectories)
        .Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max();
}
