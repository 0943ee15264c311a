using System.Globalization;
using System.Net;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>The real program, a real InfluxDB behind it, and a network between them that can be made bad.</summary>
internal sealed class InfluxStack : IAsyncDisposable
{
    /// <summary>The database that holds the bucket <c>default</c>.</summary>
    public const string Database = "default";

    /// <summary>How long the program waits for InfluxDB to answer a write.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for the slowest pause between two trials of the spool, and for what lies in it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private InfluxStack(InfluxServer influx, FaultProxy network, IotServer server) => (Influx, Network, Server) = (influx, network, server);

    public InfluxServer Influx { get; }

    public FaultProxy Network { get; }

    public IotServer Server { get; }

    /// <summary>Starts all three. The network can be bad from the beginning.</summary>
    public static async Task<InfluxStack> StartAsync(
        InfluxOptions? options = null, Action<FaultProxy>? spoil = null, params IEnumerable<(string Name, string Value)> settings)
    {
        var influx = await InfluxServer.StartAsync(options);
        var network = FaultProxy.Start(influx.Url);
        try
        {
            spoil?.Invoke(network);
            return new InfluxStack(influx, network, await IotServer.StartAsync(new IotServerOptions { Settings = Settings(network.Url, settings) }));
        }
        catch
        {
            await network.DisposeAsync();
            await influx.DisposeAsync();
            throw;
        }
    }

    /// <summary>Clients that post as fast as they are answered until they are stopped, one size of batch each.</summary>
    public PostingCrowd StartPosting(Ledger ledger, params int[] batchSizes) => new(Server, ledger, batchSizes);

    /// <summary>How the program says that it is now: an answer serves for a while, and so may be older than the question.</summary>
    public async Task<StackHealth> HealthAsync()
    {
        var asked = TimeProvider.System.GetUtcNow();
        return await Eventually.GetAsync(async () => await ReadHealthAsync() is var health && health.At >= asked ? health : null, "the health is looked at");
    }

    /// <summary>Waits until nothing waits in the spool and all is well, with no request to help it along.</summary>
    public Task WaitUntilDrainedAsync() => Eventually.TrueAsync(
        async () => await HealthAsync() is { Depth: 0, StoreStatus: "healthy" }, "the spool is drained", Patience);

    /// <summary>
    /// Fails unless all that was acknowledged is there once: by the program's own answers, and in InfluxDB itself, where nothing else is.
    /// </summary>
    public async Task AssertKeptAsync(Ledger ledger)
    {
        await WaitUntilDrainedAsync();
        Assert.Equal(0, (await HealthAsync()).Refused);
        var kept = await ledger.AssertKeptAsync(Server.Client());
        Assert.Equal(kept, await CountAsync("telemetry", "value"));
    }

    /// <summary>Values of a field that InfluxDB itself counts.</summary>
    public async Task<long> CountAsync(string name, string field)
    {
        var series = await Influx.Client.QueryAsync($"SELECT count(\"{field}\") FROM \"{name}\"", Database);
        return series.Count == 0 ? 0 : series[0].Values[0][1].GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Network.DisposeAsync();
        await Influx.DisposeAsync();
    }

    private async Task<StackHealth> ReadHealthAsync()
    {
        using var response = await Server.Anonymous().GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return StackHealth.From(json.RootElement);
    }

    private static Dictionary<string, string> Settings(Uri url, IEnumerable<(string Name, string Value)> others)
    {
        var settings = new Dictionary<string, string>
        {
            ["Measurements:Store"] = "InfluxDb",
            ["Measurements:InfluxDb:Url"] = url.ToString(),
            ["Measurements:InfluxDb:TimeoutSeconds"] = WriteTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in others)
            settings[name] = value;
        return settings;
    }
}
