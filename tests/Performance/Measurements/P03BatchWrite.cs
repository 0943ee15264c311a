using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>POST /measurements with 1,000 measurements of JSON a body, against a plain walk over the same bytes in memory.</summary>
internal sealed class P03BatchWrite : IBenchmark
{
    private const int DifferentBodies = 16;

    public string Id => "P3";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var bodies = bench.NewFolder();
        var files = BatchBodies.Write(bodies.Path, DifferentBodies);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            async duration => await PointsPerSecondAsync(server, files, duration, cancellationToken),
            async duration => BatchBodies.PointsABody * await JsonWalk.MeasureAsync(files[0], duration, cancellationToken));
        return
        [
            Row.Ratio(
                Id, "`POST /measurements`, 1,000 measurements of JSON", "`Utf8JsonReader` walking the same bytes in memory", "points/s",
                ours, theirs, Goal.AtLeast(0.35)),
        ];
    }

    /// <summary>Points a second that the server stores from batches for a while.</summary>
    public static async Task<double> PointsPerSecondAsync(
        IotServer server, IEnumerable<string> files, TimeSpan duration, CancellationToken cancellationToken)
    {
        var script = WrkScripts.Batches(server.Address, server.Key, files);
        return BatchBodies.PointsABody * (await Wrk.RunAsync(server.Address, script, duration, cancellationToken)).RequestsPerSecond;
    }
}
