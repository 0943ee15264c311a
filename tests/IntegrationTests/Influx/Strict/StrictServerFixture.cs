using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>One real InfluxDB behind all strict servers of a class: each keeps to databases of its own.</summary>
public sealed class StrictServerFixture : IAsyncLifetime
{
    private InfluxServer _real = null!;

    public async ValueTask InitializeAsync() => _real = await InfluxServer.StartAsync();

    public ValueTask DisposeAsync() => _real.DisposeAsync();

    internal async Task<StrictInflux2> Start2Async(bool mapsByItself = true)
    {
        var server = new StrictInflux2(_real.Url, mapsByItself);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    internal async Task<StrictInflux3> Start3Async(int mostDatabases = 5)
    {
        var server = new StrictInflux3(_real.Url, mostDatabases);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
