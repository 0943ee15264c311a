using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Nodes;

/// <summary>Two nodes of the real program on one InfluxDB, one PostgreSQL and one Redis, all of them real.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly InfluxServer _influx;
    private readonly SharedRedis _redis;

    private readonly FaultProxy _wayToRedis;

    private TwoNodes(InfluxServer influx, SharedRedis redis, FaultProxy wayToRedis, IotServer first, IotServer second) =>
        (_influx, _redis, _wayToRedis, First, Second) = (influx, redis, wayToRedis, first, second);

    public IotServer First { get; }

    public IotServer Second { get; }

    /// <summary>The key that the first node has made, which serves on both.</summary>
    public string AdminKey => First.AdminKey;

    public static async Task<TwoNodes> StartAsync(PostgreSqlFixture postgreSql)
    {
        var keys = await (await postgreSql.ServerAsync()).NewDatabaseAsync();
        var influx = await InfluxServer.StartAsync();
        var started = new Stack<IAsyncDisposable>([influx]);
        try
        {
            var redis = await SharedRedis.StartAsync();
            started.Push(redis);
            var way = FaultProxy.Start(new Uri($"http://{redis.Configuration}"));
            started.Push(way);
            var first = await IotServer.StartAsync(Options(influx, keys, $"127.0.0.1:{way.Url.Port}"));
            started.Push(first);
            return new TwoNodes(influx, redis, way, first, await IotServer.StartAsync(Options(influx, keys, redis.Configuration)));
        }
        catch
        {
            foreach (var one in started)
                await one.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes Redis away from the first node alone.</summary>
    public void CutFirstFromRedis() => _wayToRedis.Refuse();

    /// <summary>Clients of both nodes in turn.</summary>
    public HttpClient[] Clients(string key, int count) => [.. Enumerable.Range(0, count).Select(i => (i % 2 == 0 ? First : Second).Client(key))];

    /// <summary>Values that InfluxDB itself counts.</summary>
    public async Task<long> CountAsync()
    {
        var series = await _influx.Client.QueryAsync("SELECT count(\"value\") FROM \"telemetry\"", "default");
        return series.Count == 0 ? 0 : series[0].Values[0][1].GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        await _wayToRedis.DisposeAsync();
        await _redis.DisposeAsync();
        await _influx.DisposeAsync();
    }

    private static IotServerOptions Options(InfluxServer influx, string keys, string redis) => new()
    {
        Settings = new Dictionary<string, string>
        {
            ["Measurements:Store"] = "InfluxDb",
            ["Measurements:InfluxDb:Url"] = influx.Url.ToString(),
            ["KeyStore:Provider"] = "PostgreSql",
            ["KeyStore:ConnectionString"] = keys,
            ["Redis:Configuration"] = redis,
        },
    };
}
