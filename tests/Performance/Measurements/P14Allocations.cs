using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>Bytes that the program allocates for a request of P1 once it is warm, flushes included.</summary>
internal sealed class P14Allocations : IBenchmark
{
    private const double Kilobyte = 1024;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public string Id => "P14";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, bench.WarmUpTime, cancellationToken);
        var kilobytes = new double[bench.Runs];
        for (var run = 0; run < bench.Runs; run++)
            kilobytes[run] = await KilobytesARequestAsync(server, bench.RunTime, cancellationToken);
        return [Row.Plain(Id, "bytes allocated a request of P1, steady state", "KB", kilobytes, Goal.AtMost(8, "KB"))];
    }

    // Counted from a second after the load begins until a second before it ends, so that every counted second is a full one.
    private static async Task<double> KilobytesARequestAsync(IotServer server, TimeSpan duration, CancellationToken cancellationToken)
    {
        var load = Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, duration + Margin + Margin, cancellationToken);
        await Task.Delay(Margin, TimeProvider.System, cancellationToken);
        var bytes = await AllocationCounter.BytesASecondAsync(server.ProcessId, duration, cancellationToken);
        return bytes.Skip(1).Average() / await load / Kilobyte;
    }
}
