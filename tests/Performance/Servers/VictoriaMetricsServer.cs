using System.Diagnostics;
using IotBackend.Performance.Load;

namespace IotBackend.Performance.Servers;

/// <summary>VictoriaMetrics with its own defaults, but for how long it keeps points, on a free port and a folder of its own.</summary>
internal sealed class VictoriaMetricsServer : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private VictoriaMetricsServer(PinnedProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public Uri WriteAddress => new(Address, "/write?precision=ms");

    public static async Task<VictoriaMetricsServer> StartAsync(string dataPath, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var since = Stopwatch.GetTimestamp();

        // The points of the load are as old as they are; beyond a month, its default, they would be dropped and cost nothing.
        var process = PinnedProcess.Start(
            Cores.Server, "victoria-metrics", ["-storageDataPath", dataPath, "-httpListenAddr", address.Authority, "-retentionPeriod", "100y"], dataPath);
        try
        {
            await Answering.WaitAsync(process, new Uri(address, "/health"), since, cancellationToken);
            return new VictoriaMetricsServer(process, address);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">It answered with success and kept nothing, or not all: such a run measures nothing.</exception>
    public async Task ThrowIfPointsWereDroppedAsync(CancellationToken cancellationToken)
    {
        var figures = await Http.Client.GetStringAsync(new Uri(Address, "/metrics"), cancellationToken);
        if (Sum(figures, "vm_rows_added_to_storage_total") == 0 || Sum(figures, "vm_rows_ignored_total") > 0)
            throw new InvalidOperationException("VictoriaMetrics dropped points.");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // Of a figure in Prometheus' text format, with labels or without.
    private static double Sum(string figures, string name) => figures.Split('\n')
        .Where(line => line.StartsWith(name + ' ', StringComparison.Ordinal) || line.StartsWith(name + '{', StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], Invariant));
}
