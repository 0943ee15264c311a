using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// GET /measurements of 100 items against the bare controller answering with as many bytes. Each request asks for another range,
/// so that none is a cache hit; the goal of 0.80 is for hits, which come with the cache.
/// </summary>
internal sealed class P06ReadPage : IBenchmark
{
    private const long StoredPoints = 3_000_000;

    public string Id => "P6";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var answers = bench.NewFolder();
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await BulkLoad.FillAsync(BulkTarget.Of(server), Bench.Devices, StoredPoints, jitter: false, cancellationToken);
        var answer = Path.Combine(answers.Path, "answer.json");
        var page = await StoredReadings.NewestAsync(server, device: 1, field: null, limit: 100, cancellationToken);
        await File.WriteAllBytesAsync(answer, page.Body, cancellationToken);
        await using var bare = await BareServer.StartAsync(answer, cancellationToken);
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => ReadsAsync(server.Address, server.Key, duration, cancellationToken),
            duration => ReadsAsync(bare.Address, server.Key, duration, cancellationToken));
        return
        [
            Row.Ratio(
                Id, "`GET /measurements`, 100 items, not cached", "the bare controller returning the same bytes", "req/s", ours, theirs,
                Goal.Later("≥ 0.80 when cached")),
        ];
    }

    private static async Task<double> ReadsAsync(Uri address, string key, TimeSpan duration, CancellationToken cancellationToken) =>
        (await Wrk.RunAsync(address, StoredReadings.Script(address, key, field: null, limit: 100), duration, cancellationToken)).RequestsPerSecond;
}
