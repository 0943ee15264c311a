using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// GET /measurements of 100 items against the bare controller answering with as many bytes: from the cache, where the devices are asked for in turn,
/// and without it, where each request asks for another range.
/// </summary>
internal sealed class P06ReadPage : IBenchmark
{
    private const long StoredPoints = 3_000_000;
    private const int Items = 100;
    private const string Yardstick = "the bare controller returning the same bytes";

    public string Id => "P6";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var answers = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await BulkLoad.FillAsync(BulkTarget.Of(server), Bench.Devices, StoredPoints, jitter: false, cancellationToken);
        var answer = Path.Combine(answers.Path, "answer.json");
        await File.WriteAllBytesAsync(answer, await StoredReadings.CachedAsync(server, device: 1, Items, cancellationToken), cancellationToken);
        await using var bare = await BareServer.StartAsync(answer, cancellationToken);
        Task<double> BareAsync(TimeSpan duration) => ReadsAsync(bare.Address, StoredReadings.CachedScript(bare.Address, server.Key, Items), duration, cancellationToken);
        var hits = await bench.SideBySideAsync(
            duration => ReadsAsync(server.Address, StoredReadings.CachedScript(server.Address, server.Key, Items), duration, cancellationToken), BareAsync);
        var misses = await bench.SideBySideAsync(
            duration => ReadsAsync(server.Address, StoredReadings.Script(server.Address, server.Key, field: null, Items), duration, cancellationToken), BareAsync);
        return
        [
            Row.Ratio(Id, "`GET /measurements`, 100 items, cached", Yardstick, "req/s", hits.Ours, hits.Theirs, Goal.AtLeast(0.8)),
            Row.Ratio(Id, "the same, not cached", Yardstick, "req/s", misses.Ours, misses.Theirs, Goal.Later("–")),
        ];
    }

    private static async Task<double> ReadsAsync(Uri address, string script, TimeSpan duration, CancellationToken cancellationToken) =>
        (await Wrk.RunAsync(address, script, duration, cancellationToken)).RequestsPerSecond;
}
