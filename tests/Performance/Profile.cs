using System.Diagnostics.Tracing;
using IotBackend.Performance.Load;
using IotBackend.Performance.Measurements;
using IotBackend.Performance.Servers;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Etlx;
using Spectre.Console;

namespace IotBackend.Performance;

/// <summary>
/// Where the program's time goes under P1 and P3, and under the same with InfluxDB behind (P15, P16): stacks sampled from outside by the runtime's own profiler, counted by method. "Own" is the
/// share of samples whose managed leaf the method is, "with callees" that in which it appears at all. Threads that only wait are left out.
/// </summary>
internal static class Profile
{
    private const int Lines = 45;
    private const string Sampler = "Microsoft-DotNETCore-SampleProfiler";

    public static async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var behindFolder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        await using (var server = await IotServer.StartAsync(folder.Path, cancellationToken))
            await ProfileAsync(bench, server, "P1", "P3", cancellationToken);
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        await using var behind = await IotServer.StartAsync(behindFolder.Path, influx, Cores.Server, cancellationToken);
        await ProfileAsync(bench, behind, "P15", "P16", cancellationToken);
    }

    private static async Task ProfileAsync(Bench bench, IotServer server, string single, string batches, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        var files = BatchBodies.Write(folder.Path, 16);
        await ProfileAsync(
            single, duration => Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, duration, cancellationToken));
        await ProfileAsync(batches, duration => P03BatchWrite.PointsPerSecondAsync(server, files, duration, cancellationToken));

        async Task ProfileAsync(string name, Func<TimeSpan, Task<double>> load)
        {
            await load(bench.WarmUpTime);
            var loading = load(bench.RunTime);
            var trace = Path.Combine(folder.Path, $"{name}.nettrace");
            await RecordAsync(server.ProcessId, trace, bench.RunTime * 0.7, cancellationToken);
            var rate = await loading;
            bench.Say(string.Create(Invariant, $"{name}: {rate:#,0} a second while profiled"));
            Print(Count(trace));
        }
    }

    private static async Task RecordAsync(int processId, string file, TimeSpan duration, CancellationToken cancellationToken)
    {
        EventPipeProvider[] providers = [new(Sampler, EventLevel.Informational), new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, 0x4C14_FCCBD)];
        using var session = await new DiagnosticsClient(processId).StartEventPipeSessionAsync(
            providers, requestRundown: true, circularBufferMB: 256, cancellationToken);
        await using var output = File.Create(file);
        var copying = session.EventStream.CopyToAsync(output, cancellationToken);
        await Task.Delay(duration, TimeProvider.System, cancellationToken);
        await session.StopAsync(cancellationToken);
        await copying;
    }

    private static Counts Count(string trace)
    {
        var counts = new Counts();
        using var log = new TraceLog(TraceLog.CreateFromEventPipeDataFile(trace));
        foreach (var sample in log.Events.Where(happened => happened.ProviderName == Sampler))
            counts.Add(sample.CallStack());
        return counts;
    }

    private static void Print(Counts counts)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("own", "with callees", "method");
        foreach (var (method, inclusive) in counts.Inclusive.OrderByDescending(pair => pair.Value).Take(Lines))
            table.AddRow(Share(counts.Own.GetValueOrDefault(method), counts.Total), Share(inclusive, counts.Total), Markup.Escape(method));
        AnsiConsole.Write(table);
        table = new Table().Border(TableBorder.Rounded).AddColumns("own", "method");
        foreach (var (method, own) in counts.Own.OrderByDescending(pair => pair.Value).Take(Lines))
            table.AddRow(Share(own, counts.Total), Markup.Escape(method));
        AnsiConsole.Write(table);
    }

    private static string Share(int samples, int total) => ((double)samples / total).ToString("0.0 %", Invariant);

    private sealed class Counts
    {
        private static readonly string[] Waiting = ["Wait", "Poll", "Sleep", "Semaphore", "Monitor", "EventLoop", "Sys.Read", "WorkerThreadStart"];

        public Dictionary<string, int> Own { get; } = [];

        public Dictionary<string, int> Inclusive { get; } = [];

        public int Total { get; private set; }

        public void Add(TraceCallStack? stack)
        {
            var methods = new List<string>();
            for (; stack is not null; stack = stack.Caller)
            {
                if (stack.CodeAddress.FullMethodName is { Length: > 0 } name)
                    methods.Add(name.Split('(')[0]);
            }

            if (methods.Count == 0 || Array.Exists(Waiting, word => methods[0].Contains(word, StringComparison.Ordinal)))
                return;
            Total++;
            Own[methods[0]] = Own.GetValueOrDefault(methods[0]) + 1;
            foreach (var method in methods.Distinct())
                Inclusive[method] = Inclusive.GetValueOrDefault(method) + 1;
        }
    }
}
