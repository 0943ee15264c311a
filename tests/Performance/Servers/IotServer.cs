using System.Diagnostics;

namespace IotBackend.Performance.Servers;

/// <summary>The real program, as an operator starts it, on a core and a data folder of its own.</summary>
internal sealed class IotServer : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private IotServer(PinnedProcess process, Uri address, string key, TimeSpan startTime) =>
        (_process, Address, Key, StartTime) = (process, address, key, startTime);

    public Uri Address { get; }

    /// <summary>Where lines are taken as by InfluxDB 2.</summary>
    public Uri LineAddress => new(Address, "/api/v2/write?bucket=default&precision=ms");

    /// <summary>The first admin key, which no rate limit holds back.</summary>
    public string Key { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan StartTime { get; }

    public int ProcessId => _process.Id;

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public long ResidentBytes => _process.ResidentBytes();

    /// <summary>With its own store, on the core of servers.</summary>
    public static Task<IotServer> StartAsync(string dataPath, CancellationToken cancellationToken) =>
        StartAsync(dataPath, Cores.Server, [], cancellationToken);

    /// <summary>With InfluxDB behind it.</summary>
    public static Task<IotServer> StartAsync(string dataPath, InfluxServer behind, int core, CancellationToken cancellationToken) =>
        StartAsync(dataPath, core, ["--Measurements:Store", "InfluxDb", "--Measurements:InfluxDb:Url", behind.Address.ToString()], cancellationToken);

    /// <summary>With its own store and further settings, on the core of servers.</summary>
    public static Task<IotServer> StartAsync(string dataPath, string[] settings, CancellationToken cancellationToken) =>
        StartAsync(dataPath, Cores.Server, settings, cancellationToken);

    /// <summary>A client that sends the key.</summary>
    public HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        return client;
    }

    /// <summary>A new key that may write, of a tier that there is.</summary>
    public async Task<string> CreateKeyAsync(string tier, CancellationToken cancellationToken)
    {
        using var client = Client(Key);
        using var response = await client.PostAsJsonAsync("/admin/keys", new { name = tier, scopes = new[] { "measurements:write" }, tier }, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<IssuedKey>(cancellationToken))!.Key;
    }

    private static async Task<IotServer> StartAsync(string dataPath, int core, string[] settings, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var since = Stopwatch.GetTimestamp();
        var process = PinnedProcess.Start(
            core,
            "dotnet",
            [Repository.BuiltApi, "--urls", address.ToString(), "--Data:Path", dataPath, .. settings],
            dataPath);
        try
        {
            var startTime = await Answering.WaitAsync(process, new Uri(address, "/health/ready"), since, cancellationToken);
            var key = await File.ReadAllTextAsync(Path.Combine(dataPath, "admin.key"), cancellationToken);
            return new IotServer(process, address, key.Trim(), startTime);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the program; what it held in memory is flushed to disk.</summary>
    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private sealed record IssuedKey(string Key);
}
