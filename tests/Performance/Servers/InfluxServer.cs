using System.Diagnostics;
using System.Text.Json;
using IotBackend.Performance.Load;

namespace IotBackend.Performance.Servers;

/// <summary>InfluxDB 1.x with its own defaults (every write is synced to disk) on free ports and a folder of its own.</summary>
internal sealed class InfluxServer : IAsyncDisposable
{
    public const string Database = "bench";

    private readonly PinnedProcess _process;

    private InfluxServer(PinnedProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public Uri WriteAddress => WriteAddressOf(Database);

    public Uri WriteAddressOf(string database) => new(Address, $"/write?db={database}&precision=ms");

    /// <param name="dataPath">Gets the folders <c>data</c>, <c>wal</c> and <c>meta</c>.</param>
    /// <param name="compactSoon">Packs a shard that is no longer written within seconds instead of minutes and hours.</param>
    public static async Task<InfluxServer> StartAsync(string dataPath, bool compactSoon, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var configuration = Path.Combine(dataPath, "influxdb.conf");
        await File.WriteAllTextAsync(configuration, Configuration(dataPath, address.Port, FreePort.Find(), compactSoon), cancellationToken);
        var since = Stopwatch.GetTimestamp();
        var process = PinnedProcess.Start(Cores.Server, "influxd", ["-config", configuration], dataPath);
        var server = new InfluxServer(process, address);
        try
        {
            await Answering.WaitAsync(process, new Uri(address, "/ping"), since, cancellationToken);
            await server.CreateAsync(Database, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public Uri QueryAddress(string query, string database = Database) =>
        new(Address, $"/query?db={database}&epoch=ms&q={Uri.EscapeDataString(query)}");

    /// <summary>The rows of the only series that a query answers with.</summary>
    public async Task<JsonElement[]> QueryAsync(string query, CancellationToken cancellationToken, string database = Database)
    {
        using var answer = JsonDocument.Parse(await Http.Client.GetByteArrayAsync(QueryAddress(query, database), cancellationToken));
        var result = answer.RootElement.GetProperty("results")[0];
        return result.TryGetProperty("series", out var series)
            ? [.. series[0].GetProperty("values").EnumerateArray().Select(row => row.Clone())]
            : [];
    }

    public Task CreateAsync(string database, CancellationToken cancellationToken) => ExecuteAsync($"CREATE DATABASE {database}", cancellationToken);

    public Task DropAsync(string database, CancellationToken cancellationToken) => ExecuteAsync($"DROP DATABASE {database}", cancellationToken);

    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("q", statement)]);
        using var answer = await Http.Client.PostAsync(new Uri(Address, "/query"), form, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static string Configuration(string folder, int port, int backupPort, bool compactSoon) => $"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{backupPort}"
        [meta]
          dir = "{folder}/meta"
        [data]
          dir = "{folder}/data"
          wal-dir = "{folder}/wal"
          query-log-enabled = false
          {(compactSoon ? "cache-snapshot-write-cold-duration = \"3s\"" : string.Empty)}
          {(compactSoon ? "compact-full-write-cold-duration = \"3s\"" : string.Empty)}
        [monitor]
          store-enabled = false
        [http]
          bind-address = "127.0.0.1:{port}"
          log-enabled = false
        [logging]
          level = "warn"
        """;
}
