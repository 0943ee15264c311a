using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// What the program does at some times its capacity: how much it takes, how long that takes, what it refuses, and the memory
/// that it holds meanwhile. Capacity is what 32 connections reach that wait for each answer.
/// </summary>
internal static class Overload
{
    // More than the program works on and lets wait by default, so that it has to refuse.
    private const int Connections = 1024;
    private const double Megabyte = 1e6;

    public static async Task<OverloadTable> RunAsync(Bench bench, IReadOnlyList<int> factors, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, bench.WarmUpTime, cancellationToken);
        var capacity = (int)await Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, bench.RunTime, cancellationToken);
        bench.Say(string.Create(Invariant, $"capacity: {capacity:#,0} requests a second"));

        // Once before anything counts, so that buffers have grown to what refusing and waiting needs.
        await MeasureAsync(server, 0, capacity * factors[^1], bench.WarmUpTime, cancellationToken);
        var rows = new List<IReadOnlyList<string>>();
        foreach (var factor in factors)
        {
            var (result, memory) = await MeasureAsync(server, factor, capacity * factor, duration, cancellationToken);
            rows.Add(RowOf(factor, capacity * factor, result, memory));
            bench.Say(string.Join(" · ", rows[^1]));
        }

        return new OverloadTable(capacity, duration, rows);
    }

    private static async Task<(OpenLoadResult Result, Memory Memory)> MeasureAsync(
        IotServer server, int run, int rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        var load = new OpenLoad(server.Address, rate, Connections, number => PacedRequests.Of(server, run, number));
        var start = server.ResidentBytes;
        var largest = start;
        var running = Task.Run(() => load.Run(duration, cancellationToken), cancellationToken);
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken)) != running)
            largest = Math.Max(largest, server.ResidentBytes);
        return (await running, new Memory(start, largest, server.ResidentBytes));
    }

    private static string[] RowOf(int factor, int rate, OpenLoadResult result, Memory memory)
    {
        var accepted = new Samples(result.AcceptedMs);
        return
        [
            string.Create(Invariant, $"{factor} ×"), rate.ToString("#,0", Invariant), Figures.Short(result.SentPerSecond),
            Figures.Short(result.AcceptedPerSecond), Figures.Short(result.RefusedPerSecond),
            Figures.Short(accepted.Median), Figures.Short(accepted.Percentile(99)), Figures.Short(accepted.Max),
            result.RefusedMs.Length == 0 ? "–" : Figures.Short(new Samples(result.RefusedMs).Percentile(99)),
            string.Create(Invariant, $"{memory.Start / Megabyte:0} → {memory.End / Megabyte:0} ({memory.Largest / Megabyte:0})"),
        ];
    }

    private sealed record Memory(long Start, long Largest, long End);
}
