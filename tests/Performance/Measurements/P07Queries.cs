using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// Queries over 20 M stored points, one at a time, none repeated, against InfluxDB with the same points. Both servers are
/// restarted after loading, so that what is read comes from disk and not from what happened to be still in memory.
/// </summary>
internal sealed class P07Queries : IBenchmark
{
    private const int Newest = 1_000;
    private static readonly int[] ComparedDevices = [0, 1, 499, 998, 999];

    public string Id => "P7";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var influxFolder = bench.NewFolder();
        var points = bench.Quick ? 3_600_000 : 20_000_000;
        await LoadAsync(bench, folder.Path, influxFolder.Path, points, cancellationToken);
        await using var server = await IotServer.StartAsync(folder.Path, cancellationToken);
        await using var influx = await InfluxServer.StartAsync(influxFolder.Path, compactSoon: false, cancellationToken);
        await CompareAnswersAsync(server, influx, cancellationToken);
        return
        [
            await NewestOfSeriesAsync(bench, server, influx, cancellationToken),
            await LatestOfDeviceAsync(bench, server, influx, cancellationToken),
            await WindowsOfDayAsync(bench, server, influx, cancellationToken),
        ];
    }

    private async Task<Row> NewestOfSeriesAsync(Bench bench, IotServer server, InfluxServer influx, CancellationToken cancellationToken)
    {
        bench.Say($"{Id}: newest {Newest} of a series");
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => MedianAsync(
                server.Address, StoredReadings.Script(server.Address, server.Key, "temperature", Newest), duration, cancellationToken),
            duration => MedianAsync(influx.Address, InfluxScript(influx, NewestQuery("%06d")), duration, cancellationToken));
        return Row.Ratio(
            Id, "newest 1,000 of a series", "InfluxDB 1.6.7 `/query`", "ms", ours, theirs, Goal.AtLeast(5), lessIsBetter: true);
    }

    private async Task<Row> LatestOfDeviceAsync(Bench bench, IotServer server, InfluxServer influx, CancellationToken cancellationToken)
    {
        bench.Say($"{Id}: latest of a device");
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => MedianAsync(server.Address, StoredReadings.LatestScript(server.Address, server.Key), duration, cancellationToken),
            duration => MedianAsync(influx.Address, InfluxScript(influx, LatestQuery("%06d")), duration, cancellationToken));
        return Row.Ratio(Id, "latest of a device", "InfluxDB 1.6.7 `/query`", "ms", ours, theirs, Goal.AtLeast(5), lessIsBetter: true);
    }

    private async Task<Row> WindowsOfDayAsync(Bench bench, IotServer server, InfluxServer influx, CancellationToken cancellationToken)
    {
        bench.Say($"{Id}: 24 h in 288 windows");
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => MedianAsync(server.Address, StoredReadings.WindowsScript(server.Address, server.Key), duration, cancellationToken),
            duration => MedianAsync(influx.Address, InfluxScript(influx, WindowsQuery("%06d")), duration, cancellationToken));
        return Row.Ratio(Id, "24 h in 288 windows", "InfluxDB 1.6.7 `/query`", "ms", ours, theirs, Goal.AtLeast(5), lessIsBetter: true);
    }

    private static async Task LoadAsync(Bench bench, string folder, string influxFolder, long points, CancellationToken cancellationToken)
    {
        await using (var server = await IotServer.StartAsync(folder, cancellationToken))
        {
            var rate = await BulkLoad.FillAsync(BulkTarget.Of(server), Bench.Devices, points, jitter: false, cancellationToken);
            bench.Say(string.Create(Invariant, $"P7: loaded {points:#,0} points here, {rate:#,0} a second"));
        }

        await using var influx = await InfluxServer.StartAsync(influxFolder, compactSoon: true, cancellationToken);
        var influxRate = await BulkLoad.FillAsync(BulkTarget.Of(influx), Bench.Devices, points, jitter: false, cancellationToken);
        bench.Say(string.Create(Invariant, $"P7: loaded {points:#,0} points into InfluxDB, {influxRate:#,0} a second"));
        await InfluxCompaction.WaitAsync(influxFolder, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">The two do not answer alike: their times must not be compared then.</exception>
    private static async Task CompareAnswersAsync(IotServer server, InfluxServer influx, CancellationToken cancellationToken)
    {
        foreach (var device in ComparedDevices)
        {
            var number = device.ToString("D6", Invariant);
            var ours = (await StoredReadings.NewestAsync(server, device, "temperature", Newest, cancellationToken)).Points;
            var theirs = (await influx.QueryAsync(NewestQuery(number), cancellationToken)).Select(row => (row[0].GetInt64(), row[1].GetDouble()));
            if (ours.Length != Newest || !ours.SequenceEqual(theirs))
                throw new InvalidOperationException($"The newest {Newest} of device {device} differ.");
            var latest = await StoredReadings.LatestAsync(server, device, cancellationToken);
            if (latest != ours[0] || (await influx.QueryAsync(LatestQuery(number), cancellationToken))[0][1].GetDouble() != latest.Value)
                throw new InvalidOperationException($"The latest of device {device} differs.");
            await CompareWindowsAsync(server, influx, device, cancellationToken);
        }
    }

    private static async Task CompareWindowsAsync(IotServer server, InfluxServer influx, int device, CancellationToken cancellationToken)
    {
        const double tolerance = 1e-9;
        var ours = await StoredReadings.WindowsAsync(server, device, cancellationToken);
        var theirs = (await influx.QueryAsync(WindowsQuery(device.ToString("D6", Invariant)), cancellationToken))
            .Select(row => (Time: row[0].GetInt64(), Mean: row[1].GetDouble())).ToArray();
        var areAlike = ours.Length > 0 && ours.Length == theirs.Length && ours.Zip(theirs).All(pair =>
            pair.First.Time == pair.Second.Time && Math.Abs(pair.First.Mean - pair.Second.Mean) <= tolerance * Math.Abs(pair.Second.Mean));
        if (!areAlike)
            throw new InvalidOperationException($"The windows of device {device} differ.");
    }

    private static async Task<double> MedianAsync(Uri address, string script, TimeSpan duration, CancellationToken cancellationToken) =>
        (await Wrk.RunAsync(address, script, duration, cancellationToken, connections: 1)).MedianLatency.TotalMilliseconds;

    private static string InfluxScript(InfluxServer influx, string query) => WrkScripts.Reads(
        influx.Address, key: null, Bench.Devices, influx.QueryAddress("Q").PathAndQuery[..^1] + LuaFormat.Encoded(query), uniqueFrom: 0);

    private static string NewestQuery(string device) =>
        $"SELECT temperature FROM climate WHERE device='device-{device}' ORDER BY time DESC LIMIT {Newest}";

    private static string LatestQuery(string device) =>
        $"SELECT last(temperature), last(humidity), last(pressure) FROM climate WHERE device='device-{device}'";

    private static string WindowsQuery(string device) => string.Create(
        Invariant,
        $"SELECT mean(temperature) FROM climate WHERE device='device-{device}' AND time >= {StoredReadings.FirstMilliseconds}ms AND time < {StoredReadings.DayEndMilliseconds}ms GROUP BY time(5m) fill(none)");
}
